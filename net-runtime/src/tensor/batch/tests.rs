//! What batches and views promise.

use ndarray::{Array2, Array3};

use super::super::shape::{Shape0, Shape1, Shape2};
use super::*;

#[test]
fn a_batch_is_whole_samples() {
    let batch = Batch::<Shape2<2, 3>>::from_vec((0..12).map(|i| i as f32).collect()).unwrap();
    assert_eq!(batch.len(), 2);
    assert_eq!(batch.sample(1), [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
    let error = Batch::<Shape2<2, 3>>::from_vec(vec![0.0; 7]).unwrap_err().to_string();
    assert_eq!(error, "the data of a batch should have a multiple of 6 elements for shape [2, 3], but has 7");
}

#[test]
fn gathering_takes_the_weights_along() {
    let batch = Batch::<Shape1<1>>::from_vec(vec![1.0, 2.0, 3.0]).unwrap().with_weights(vec![0.1, 0.2, 0.3]).unwrap();
    let gathered = batch.gather(&[2, 0, 2]);
    assert_eq!(gathered.data(), [3.0, 1.0, 3.0]);
    assert_eq!(gathered.weights(), Some(&[0.3, 0.1, 0.3][..]));
}

#[test]
fn arrays_are_checked_once_at_the_border() {
    let array = Array3::<f32>::from_shape_fn((4, 2, 3), |(n, i, j)| (n * 6 + i * 3 + j) as f32);
    let view = View::<Shape2<2, 3>>::try_from(&array).unwrap();
    assert_eq!((view.len(), view.sample(3)[5]), (4, 23.0));
    assert_eq!(view.to_batch().into_array(), array.clone().into_dyn());
    let error = View::<Shape2<3, 2>>::try_from(&array).unwrap_err().to_string();
    assert_eq!(error, "the array should have shape [samples, 3, 2], but has [4, 2, 3]");
    let transposed = Array2::<f32>::zeros((3, 5)).reversed_axes();
    assert!(View::<Shape1<3>>::try_from(&transposed).unwrap_err().to_string().contains("standard layout"));
    assert_eq!(Batch::<Shape1<3>>::try_from(&transposed).unwrap().len(), 5);
}

#[test]
fn classes_weigh_samples_and_multiply_their_weights() {
    let mut numbers = Batch::<Shape0, u32>::from_vec(vec![0, 1, 2]).unwrap();
    numbers.weigh_classes("digit", &[0.5, 2.0]).unwrap();
    assert_eq!(numbers.weights(), Some(&[0.5, 2.0, 1.0][..]));
    let rows = vec![0.0, 1.0, 1.0, 0.0];
    let mut rows = Batch::<Shape1<2>>::from_vec(rows).unwrap().with_weights(vec![3.0, 1.0]).unwrap();
    rows.weigh_classes("digit", &[0.5, 2.0]).unwrap();
    assert_eq!(rows.weights(), Some(&[6.0, 0.5][..]));
    let error = Batch::<Shape2<2, 2>>::zeros(1).weigh_classes("mask", &[1.0]).unwrap_err().to_string();
    assert!(error.contains("`mask`"), "{error}");
}
