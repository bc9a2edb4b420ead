"""Running a model: an interface, llama.cpp in a worker process behind it, and a fake for tests."""
