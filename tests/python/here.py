"""Runs a test file with pytest and the plugin of this package: python3 here.py test_results.py

The package need not be installed.
"""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
PACKAGE = SOURCE / "python"
TEST_SKIPPED = 77  # SKIP_RETURN_CODE of the ctest tests


def main(file):
    try:
        import jsonschema  # noqa: F401
        import numpy  # noqa: F401
        import pytest
    except ImportError as error:
        print(f"skipped: {error} (Debian: python3-pytest, python3-numpy, python3-jsonschema)")
        sys.exit(TEST_SKIPPED)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the plugin is given by name, once
    os.environ["PYTHONPATH"] = str(PACKAGE)  # of the processes that tests start
    sys.path.insert(0, str(PACKAGE))
    plugins = ["-p", "pytester", "-p", "npyrace.pytest_plugin", "-p", "no:cacheprovider"]
    sys.exit(pytest.main([str(HERE / file), "-v", "-rs", *plugins]))


if __name__ == "__main__":
    main(sys.argv[1])
