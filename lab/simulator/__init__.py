"""A strict simulator of the Google APIs that the program, gcloud and the provider use."""
