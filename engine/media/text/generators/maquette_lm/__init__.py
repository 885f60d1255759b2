"""The language model that was trained here: classical Chinese and older English."""
