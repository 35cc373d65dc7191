//! The weights of a layer with those of the affine one behind it folded into them, which a pass finds again at the next call.

use std::sync::Arc;

use crate::tensor::exact::product;
use crate::tensor::param::Param;

/// A kernel and a bias with which one layer makes in inference what it and an affine one behind it make. They are a parameter of
/// their own each, whose version moves when they are made anew.
#[derive(Clone, Debug)]
pub struct Folded(Arc<Weights>);

#[derive(Debug)]
struct Weights {
    kernel: Param,
    bias: Param,
}

impl Folded {
    fn zeros(kernel: &[usize], outputs: usize) -> Self {
        Self(Arc::new(Weights { kernel: Param::zeros(kernel), bias: Param::zeros(&[outputs]) }))
    }

    /// The kernel.
    pub(crate) fn kernel(&self) -> &Param {
        &self.0.kernel
    }

    /// The bias.
    pub(crate) fn bias(&self) -> &Param {
        &self.0.bias
    }
}

/// The versions of the parameters that weights were folded from: a kernel and its bias, factors, summands and two statistics.
pub(crate) type Versions = [Option<u64>; 6];

/// Weights that were folded before, each under the number that a workspace knows them by.
#[derive(Default)]
pub(crate) struct Folds(Vec<(usize, Versions, Folded)>);

impl Folds {
    /// A kernel of these dimensions and a bias for so many outputs, which `make` makes, unless it has made them under this number from
    /// the same parameters. Without a number they are made at every call.
    pub fn get(
        &mut self,
        number: Option<usize>,
        from: Versions,
        (dims, outputs): (&[usize], usize),
        make: impl FnOnce(&mut [f32], &mut [f32]),
    ) -> Folded {
        let known = self.0.iter_mut().find(|(known, ..)| Some(*known) == number);
        let Some((_, made_from, folded)) = known else {
            let mut folded = Folded::zeros(dims, outputs);
            write(&mut folded, make);
            self.0.extend(number.map(|number| (number, from, folded.clone())));
            return folded;
        };
        if *made_from != from {
            // Those of another network in the same workspace, or somebody still holds them.
            let fits = folded.kernel().values().len() == product(dims) && folded.bias().values().len() == outputs;
            if !fits || Arc::get_mut(&mut folded.0).is_none() {
                *folded = Folded::zeros(dims, outputs);
            }
            write(folded, make);
            *made_from = from;
        }
        folded.clone()
    }
}

fn write(folded: &mut Folded, make: impl FnOnce(&mut [f32], &mut [f32])) {
    if let Some(Weights { kernel, bias }) = Arc::get_mut(&mut folded.0) {
        make(kernel.values_mut(), bias.values_mut());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Versions = [Some(1), None, Some(2), Some(3), Some(4), Some(5)];

    /// How often weights were made, and the first of them.
    fn get(folds: &mut Folds, number: Option<usize>, from: Versions, outputs: usize, made: &mut usize) -> f32 {
        let folded = folds.get(number, from, (&[3, outputs], outputs), |kernel, bias| {
            *made += 1;
            assert_eq!((kernel.len(), bias.len()), (3 * outputs, outputs));
            kernel.fill(*made as f32);
        });
        folded.kernel().values()[0]
    }

    #[test]
    fn weights_are_folded_when_one_of_them_has_changed() {
        let (mut folds, mut made) = (Folds::default(), 0);
        for _ in 0..3 {
            assert_eq!(get(&mut folds, Some(7), FROM, 2, &mut made), 1.0);
        }
        assert_eq!(get(&mut folds, Some(9), FROM, 2, &mut made), 2.0, "others");
        assert_eq!(get(&mut folds, Some(7), FROM, 2, &mut made), 1.0);
        for changed in 0..6 {
            let mut from = FROM;
            from[changed] = Some(100);
            assert_eq!(get(&mut folds, Some(7), from, 2, &mut made), made as f32);
            assert_eq!(made, 3 + changed);
        }
        assert_eq!(get(&mut folds, Some(7), FROM, 5, &mut made), 9.0, "of another network");
    }

    #[test]
    fn weights_without_a_number_are_folded_always() {
        let (mut folds, mut made) = (Folds::default(), 0);
        assert_eq!(get(&mut folds, None, FROM, 2, &mut made), 1.0);
        assert_eq!(get(&mut folds, None, FROM, 2, &mut made), 2.0);
    }

    #[test]
    fn weights_that_somebody_holds_stay_as_they_are() {
        let mut folds = Folds::default();
        let of = |value: f32| move |kernel: &mut [f32], _: &mut [f32]| kernel.fill(value);
        let held = folds.get(Some(0), FROM, (&[2, 2], 2), of(1.0));
        let next = folds.get(Some(0), [None; 6], (&[2, 2], 2), of(2.0));
        assert_eq!((held.kernel().values()[0], next.kernel().values()[0]), (1.0, 2.0));
        assert_ne!(held.kernel().version(), next.kernel().version());
    }
}
