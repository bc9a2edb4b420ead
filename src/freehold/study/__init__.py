"""Looking inside a model file: what it says, what it computes, what quantizing cost."""
