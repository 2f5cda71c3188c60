//! The descriptions of all columns are complete and agree with one another.

use super::schema::Table;
use super::values::Storage;
use std::collections::HashSet;

#[test]
fn names_are_unique_and_each_column_has_a_meaning() {
    for table in Table::ALL {
        let columns = table.columns();
        let names: HashSet<_> = columns.iter().map(|(name, _)| name).collect();
        assert_eq!(names.len(), columns.len(), "{}", table.name());
        assert!(columns.iter().all(|(_, is)| is.meaning.ends_with('.')));
        assert_eq!(Table::named(table.name()), Some(table));
    }
    assert_eq!(Table::named("conections"), None);
}

#[test]
fn the_null_of_a_column_is_a_value_of_its_type() {
    for (name, is) in Table::ALL.into_iter().flat_map(Table::columns) {
        let Some(null) = is.null else { continue };
        let fits = match is.storage {
            Storage::U8 => u8::try_from(null).is_ok(),
            Storage::U16 => u16::try_from(null).is_ok(),
            Storage::U32 => u32::try_from(null).is_ok(),
            Storage::U64 => u64::try_from(null).is_ok(),
            Storage::I64 => true,
            Storage::Bool | Storage::Set(_) | Storage::Counts(_) => false,
        };
        assert!(fits, "{name}");
    }
}

#[test]
fn sets_and_counts_have_a_dictionary() {
    for (name, is) in Table::ALL.into_iter().flat_map(Table::columns) {
        let plain = !matches!(is.storage, Storage::Set(_) | Storage::Counts(_));
        assert!(plain || is.dictionary.is_some(), "{name}");
    }
}
