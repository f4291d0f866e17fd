"""Headers that NumPy's header reader accepts and npyrace refuses on purpose. docs/npy-format.md has the reasons."""
import re

from harness import header_dict, npy_format

LARGEST_BYTES = 2**63 - 1
LARGEST_ITEM_BYTES = 2**31 - 1
LARGEST_DIMENSIONS = 64

CARRIAGE_RETURN = re.compile(rb"([ \t\f]*(#[^\r\n]*)?\r?\n)*[ \t\f]*(#[^\r\n]*)?\r(?!\n)")
FLEXIBLE = re.compile(r"[<>=|]?\s*([A-Za-z])\s*([+-]?[0-9]+)\s*$")


def may_crash_numpy(data):
    """NumPy 1.24 divides by the divisor of a datetime unit, also when it is zero (modulo 2**32)."""
    return re.search(rb"\[[^\]/]*/", data) is not None


def reason_of_dtype(dtype):
    """Reasons that depend on the dtype that NumPy made."""
    if dtype.itemsize < 0:
        return "negative item size"
    if dtype.subdtype:
        return reason_of_dtype(dtype.subdtype[0])
    if dtype.names is not None:
        reasons = [reason_of_dtype(dtype.fields[name][0]) for name in dtype.names]
        return next((reason for reason in reasons if reason), None)
    return None


def reason_of_string(text):
    """Sizes that wrap around 32 bits in NumPy's parser."""
    for part in re.split(r"\s*,\s*", text):
        flexible = FLEXIBLE.search(part)
        if not flexible:
            continue
        size = int(flexible[2]) * (4 if flexible[1] == "U" else 1)
        if not 0 <= size <= LARGEST_ITEM_BYTES:
            return "item size beyond 32 bits"
    return None


def is_shape(value):
    if type(value) is int:
        return True
    if not isinstance(value, (tuple, list)):
        return False
    return all(type(length) is int for length in value) and value != []


def reason_of_pair(base, shape):
    if not is_shape(shape):
        return "two data types for one item, or a shape of neither integer nor tuple"
    dtype = npy_format.descr_to_dtype(base)
    if type(shape) is int and dtype.subdtype and dtype.itemsize == 0:
        return "a size for an empty subarray"
    return reason_of_descr(base)


def reason_of_field(field):
    if not isinstance(field, (tuple, list)):
        return "a field that is no tuple"
    name = field[0]
    if isinstance(name, tuple) and not isinstance(name[0], (str, type(None))):
        return "a title that is no string"
    return reason_of_pair(field[1], field[2]) if len(field) == 3 else reason_of_descr(field[1])


def reason_of_descr(descr):
    if isinstance(descr, str):
        return reason_of_string(descr)
    if isinstance(descr, tuple):
        return reason_of_pair(descr[0], descr[1])
    if not isinstance(descr, list):
        return "fields that are no list"
    reasons = [reason_of_field(field) for field in descr]
    return next((reason for reason in reasons if reason), None)


def reason_of_shape(shape, data_offset, itemsize):
    if any(length < 0 for length in shape):
        return "negative dimension"
    if len(shape) > LARGEST_DIMENSIONS:
        return "more than 64 dimensions"
    total = max(itemsize, 1)
    for length in shape:
        total *= length or 1
    return "more bytes than 63 bits count" if total + data_offset > LARGEST_BYTES else None


def reason_to_refuse(data, answer):
    """Why npyrace refuses a file that NumPy accepts. None: npyrace must accept it as well."""
    if b"\\N{" in data[:answer.data_offset]:
        return "named escapes"
    if data[6] < 3 and CARRIAGE_RETURN.match(data[10 if data[6] == 1 else 12:answer.data_offset]):
        return "a carriage return before the dict"
    return (reason_of_shape(answer.shape, answer.data_offset, answer.dtype.itemsize)
            or reason_of_dtype(answer.dtype)
            or reason_of_descr(header_dict(data)["descr"]))
