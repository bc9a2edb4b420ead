"""What a model is to learn: files in the forms that people have, as examples of tokens."""
