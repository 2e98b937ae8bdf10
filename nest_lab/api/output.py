"""Results in the shape users ask for: JSON texts and pandas tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from nest_lab import errors

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["serialize_data", "to_json"]


def serialize_data(data: Any) -> Any:
    """Turn arrays, collections and numbers of numpy into the lists and numbers that JSON knows.

    Parameters
    ----------
    data : object
        Anything of dictionaries, sequences, arrays, collections, numbers and texts.

    Returns
    -------
    object

    Examples
    --------
    >>> import numpy as np
    >>> serialize_data({"times": np.array([0.5, 1.0]), "n": np.int64(2)})
    {'times': [0.5, 1.0], 'n': 2}
    """
    if isinstance(data, Mapping):
        return {key: serialize_data(value) for key, value in data.items()}
    if isinstance(data, (np.ndarray, np.generic)):
        return data.tolist()
    if isinstance(data, (list, tuple)):
        return [serialize_data(value) for value in data]
    if hasattr(data, "tolist"):
        return data.tolist()
    if type(data).__name__ == "SynapseCollection":
        return serialize_data(data.get())
    return data


def to_json(data: Any, **kwargs: Any) -> str:
    """Write data as JSON.

    Parameters
    ----------
    data : object
        As for `serialize_data`.
    **kwargs
        For ``json.dumps``, e.g. ``indent=2``.

    Returns
    -------
    str

    Examples
    --------
    >>> import numpy as np
    >>> to_json({"times": np.array([0.5, 1.0])})
    '{"times": [0.5, 1.0]}'
    """
    import json

    other = kwargs.pop("default", None)

    # Only for what JSON does not know: of 10,000 nodes there are 300,000 numbers that it does.
    def known(value: Any) -> Any:
        plain = serialize_data(value)
        if plain is not value:
            return plain
        if other is None:
            raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
        return other(value)

    return json.dumps(data, default=known, **kwargs)


def columns_to_json(columns: Mapping[str, Sequence[Any]]) -> str:
    """Write columns as `to_json` does; what all rows share, such as most parameters of neurons, only once."""

    def column(values: Sequence[Any]) -> str:
        if not all(map(is_, values, repeat(values[0]))):
            return to_json(values)
        return f"[{', '.join([to_json(values[0])] * len(values))}]"

    return f"{{{', '.join(f'{to_json(name)}: {column(values)}' for name, values in columns.items())}}}"


def as_frame(columns: Mapping[str, Any], index: Any) -> pd.DataFrame:
    """Make a table of columns, with one row per node or connection."""
    try:
        import pandas as pd
    except ImportError:
        raise errors.WrongState(
            "output='pandas' needs the package pandas",
            value="pandas is not installed",
            allowed="output='' or output='json'",
            todo="Install it: pip install pandas.",
        ) from None
    rows = pd.Index(index)
    data = {
        name: column if isinstance(column, np.ndarray) else pd.Series(list(column), index=rows)
        for name, column in columns.items()
    }
    return pd.DataFrame(data, index=rows)
