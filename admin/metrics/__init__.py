"""The cluster's health as Prometheus reads it: from the bucket and from Google, so that it speaks when the API is gone."""
