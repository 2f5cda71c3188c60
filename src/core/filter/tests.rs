//! Programs that are refused. The choices of the others are held to a reference in Python, by `tests/query`.

use super::program::{Program, Row, Span};

fn row(name: &str, columns: &[&str], spans: &[Span], texts: &[&str]) -> Row {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    (name.to_owned(), owned(columns), spans.to_vec(), owned(texts))
}

#[test]
fn a_program_leaves_one_answer() {
    let port = row("within", &["client_port"], &[(443, 443)], &[]);
    let or = row("or", &[], &[(2, 0)], &[]);
    assert!(Program::new(std::slice::from_ref(&port)).is_ok());
    assert!(Program::new(&[port.clone(), port.clone(), or.clone()]).is_ok());
    assert!(Program::new(&[]).is_err());
    assert!(Program::new(&[port.clone(), or]).is_err());
    assert!(Program::new(&[port.clone(), port]).is_err());
}

#[test]
fn operations_fit_their_columns() {
    for wrong in [
        row("within", &["client_prot"], &[(1, 1)], &[]),
        row("within", &["client_facts"], &[(1, 1)], &[]),
        row("within", &[], &[(1, 1)], &[]),
        row("within", &["instant.client_port"], &[(1, 1)], &[]),
        row("has", &["client_port"], &[(1, 1)], &[]),
        row("address", &["client_port"], &[], &["10.0.0.0", "10.0.0.1"]),
        row("address", &["client_address"], &[], &["ten", "10.0.0.1"]),
        row("named", &["client_address"], &[], &["vxlan"]),
        row("lapse", &["first_time_ns", "never"], &[(0, 1)], &[]),
        row("given", &[], &[(-1, 0)], &[]),
        row("xor", &[], &[(2, 0)], &[]),
    ] {
        assert!(Program::new(std::slice::from_ref(&wrong)).is_err(), "{wrong:?}");
    }
}
