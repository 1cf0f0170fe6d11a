//! A mock of the OpenAI API with scripted faults, for tests, benches and the demo.
