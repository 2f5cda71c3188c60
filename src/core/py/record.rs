//! Records of Python's `wirestat.model`, `wirestat.summary` and `wirestat.crossing`, made of named fields.
//!
//! A record is a struct here and a class there. When the first one of a kind is made, the fields of both are compared;
//! from then on a record costs one call.

use crate::tcp::fact::Facts;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFrozenSet, PyTuple};

/// Declares records: the Python module, then each class with its fields in their order.
macro_rules! records {
    ($module:literal; $($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        pub struct $name { $(pub $field: $type),* }

        impl<'py> pyo3::IntoPyObject<'py> for $name {
            type Target = pyo3::PyAny;
            type Output = pyo3::Bound<'py, pyo3::PyAny>;
            type Error = pyo3::PyErr;

            fn into_pyobject(self, py: pyo3::Python<'py>) -> pyo3::PyResult<Self::Output> {
                use pyo3::IntoPyObjectExt;
                static CLASS: pyo3::sync::PyOnceLock<pyo3::Py<pyo3::PyAny>> = pyo3::sync::PyOnceLock::new();
                let fields = [$(stringify!($field)),*];
                let class = CLASS
                    .get_or_try_init(py, || $crate::py::record::class(py, $module, stringify!($name), &fields))?;
                let values = [$(self.$field.into_bound_py_any(py)?),*];
                pyo3::types::PyAnyMethods::call1(class.bind(py), pyo3::types::PyTuple::new(py, values)?)
            }
        }
    )*};
}
pub(super) use records;

/// The class of a record; an error if its fields or their order differ.
pub fn class(py: Python<'_>, module: &str, name: &str, fields: &[&str]) -> PyResult<Py<PyAny>> {
    let class = py.import(module)?.getattr(name)?;
    let declared: Vec<String> = class.getattr("__struct_fields__")?.extract()?;
    if declared != fields {
        let message = format!("{module}.{name} has the fields {declared:?}, and the core gives {fields:?}");
        return Err(PyTypeError::new_err(message));
    }
    Ok(class.unbind())
}

/// Values that become a Python tuple.
pub struct Tuple<T>(pub Vec<T>);

impl<T> FromIterator<T> for Tuple<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<'py, T: IntoPyObject<'py>> IntoPyObject<'py> for Tuple<T> {
    type Target = PyTuple;
    type Output = Bound<'py, PyTuple>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        PyTuple::new(py, self.0)
    }
}

/// Pairs that become a Python dictionary, in their order.
pub struct Dict<K, V>(pub Vec<(K, V)>);

impl<K, V> FromIterator<(K, V)> for Dict<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl<'py, K: IntoPyObject<'py>, V: IntoPyObject<'py>> IntoPyObject<'py> for Dict<K, V> {
    type Target = PyDict;
    type Output = Bound<'py, PyDict>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        let dict = PyDict::new(py);
        for (key, value) in self.0 {
            dict.set_item(key, value)?;
        }
        Ok(dict)
    }
}

impl<'py> IntoPyObject<'py> for Facts {
    type Target = PyFrozenSet;
    type Output = Bound<'py, PyFrozenSet>;
    type Error = PyErr;

    fn into_pyobject(self, py: Python<'py>) -> PyResult<Self::Output> {
        PyFrozenSet::new(py, self.iter())
    }
}
