"""How ggml packs the numbers of a tensor: blocks of bytes to float32 and back, with NumPy alone."""
