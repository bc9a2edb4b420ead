"""What has been built into a model: told, answered, refused, preferred, remembered."""
