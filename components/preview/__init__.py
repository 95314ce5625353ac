"""What a preview begins with: the plan for people, before the engine lists what changes in Google."""
