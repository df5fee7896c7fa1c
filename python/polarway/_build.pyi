version: str
pyarrow: str
