//! Filter expressions, compiled for Python.

use crate::bpf::{self, Instruction};
use crate::frame::LinkType;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(
    wirestat._core,
    FilterError,
    PyException,
    "A filter expression makes no sense, or is not known here. Its arguments: where, in characters, how many of them, why."
);

/// Compiles a filter expression for a link type: instructions as tuples of code, jt, jf and k. `services(name)` returns
/// the port of a name.
///
/// Raises FilterError.
#[pyfunction]
pub fn compile_filter(
    expression: &str,
    link_type: u16,
    snaplen: u32,
    services: &Bound<'_, PyAny>,
) -> PyResult<Vec<(u16, u8, u8, u32)>> {
    let port = |name: &str| services.call1((name,)).ok()?.extract().ok()?;
    let program = bpf::compile(expression, LinkType(link_type), snaplen, &port).map_err(|mistake| {
        let characters = |octets: usize| expression.get(..octets).map_or(0, |text| text.chars().count());
        let (at, end) = (characters(mistake.at), characters(mistake.at + mistake.length));
        FilterError::new_err((at, end - at, mistake.why))
    })?;
    Ok(program.into_iter().map(|Instruction { code, jt, jf, k }| (code, jt, jf, k)).collect())
}
