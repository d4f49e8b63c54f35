//! The part that the sample plans of these tests share: two keys in two regions, and a backup.

/// Tables of two keys and of the backup, as a literal for `concat!`. The arguments are the first key's alias, its further lines, and the
/// second key's alias.
macro_rules! keys_and_backup {
    ($first:literal, $more:literal, $second:literal) => {
        concat!(
            "[[key]]\nalias = \"",
            $first,
            "\"\nprovider = \"",
            crate::provider::sample_names::sample!(provider),
            "\"\nregion = \"",
            crate::provider::sample_names::sample!(region),
            "\"\n",
            $more,
            "valid_to = \"never\"\n[[key]]\nalias = \"",
            $second,
            "\"\nprovider = \"",
            crate::provider::sample_names::sample!(provider),
            "\"\nregion = \"",
            crate::provider::sample_names::sample!(other_region),
            "\"\nvalid_to = \"2030-01-01T00:00:00Z\"\n",
            "[backup]\nscheme = \"slip39\"\nthreshold = 2\nshares = 3\n",
        )
    };
}
pub(super) use keys_and_backup;
