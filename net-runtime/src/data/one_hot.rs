//! Classes as rows with a single one.

use crate::error::Error;
use crate::tensor::batch::Batch;
use crate::tensor::shape::Shape1;

/// A row of `K` elements for each class: 1 at the class, 0 elsewhere. What `CategoricalCrossentropy` wants as target.
///
/// # Errors
///
/// [`Error::Invalid`] if a class is not below `K`, and names the sample; or if memory cannot hold the rows.
pub fn one_hot<const K: usize>(classes: &[u32]) -> Result<Batch<Shape1<K>>, Error> {
    let mut rows = Batch::try_zeros(classes.len())?;
    for (sample, &class) in classes.iter().enumerate() {
        let row: &mut [f32] = rows.sample_mut(sample);
        let Some(place) = row.get_mut(class as usize) else {
            return Err(Error::Invalid(format!(
                "sample {sample} is of class {class}, but there are {K} classes, counted from 0"
            )));
        };
        *place = 1.0;
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_one_at_its_class() {
        assert_eq!(one_hot::<2>(&[1, 0, 1]).unwrap().data(), [0.0, 1.0, 1.0, 0.0, 0.0, 1.0]);
        assert!(one_hot::<2>(&[]).unwrap().is_empty());
        assert_eq!(
            one_hot::<10>(&[9, 10]).unwrap_err().to_string(),
            "sample 1 is of class 10, but there are 10 classes, counted from 0"
        );
    }
}
