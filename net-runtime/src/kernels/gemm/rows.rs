//! Where the rows of a dense layer's matrices lie.

/// Rows to be read, one behind the other or with a distance.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    pub values: &'a [f32],
    /// From the beginning of a row to that of the next; `None` where nothing lies between them.
    pub distance: Option<usize>,
}

impl<'a> Rows<'a> {
    /// The values, if nothing lies between the rows.
    pub fn alone(self) -> Option<&'a [f32]> {
        self.distance.is_none().then_some(self.values)
    }
}

impl<'a, V: AsRef<[f32]> + ?Sized> From<&'a V> for Rows<'a> {
    fn from(values: &'a V) -> Self {
        Self { values: values.as_ref(), distance: None }
    }
}

impl<'a, V: AsRef<[f32]> + ?Sized> From<&'a mut V> for Rows<'a> {
    fn from(values: &'a mut V) -> Self {
        Self::from(&*values)
    }
}

/// Rows to be written.
pub(crate) struct RowsMut<'a> {
    pub values: &'a mut [f32],
    /// As of [`Rows`].
    pub distance: Option<usize>,
}

impl<'a, V: AsMut<[f32]> + ?Sized> From<&'a mut V> for RowsMut<'a> {
    fn from(values: &'a mut V) -> Self {
        Self { values: values.as_mut(), distance: None }
    }
}
