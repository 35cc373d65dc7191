//! The packed forms of weights, which kernels find again at the next call.
//!
//! In training weights change at every step, so that a form that a step asks for once is used once: such forms are made in memory that
//! all weights share. Kept for each of them, the forms of both passes would be as much again as the weights and their gradients.

use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::Param;

/// What a kernel makes of weights before it computes with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// In panels as wide as a register tile.
    Panels,
    /// The columns of few, one after the other.
    Columns,
    /// Points of `winograd::forward`.
    Winograd,
    /// Points of `winograd::line`, with tiles of rows or of columns.
    WinogradLine { rows: bool },
    /// The first, for the gradient of the input.
    BackwardWinograd,
    /// The first, for the gradient of the input by `winograd::adjoint`.
    AdjointWinograd,
    /// The second, for the gradient of the input: the phases of the stride across depend on the padding there, and uses of
    /// shared weights need not have the same.
    BackwardWinogradLine { rows: bool, padding: usize, stride: usize },
    /// Transposed, in panels: those of each phase of the stride, which depend on the padding, as those that there are do on the
    /// image, and uses of shared weights need not have the same.
    Phases { padding: [usize; 2], count: [usize; 2] },
    /// Those of all phases side by side, in panels.
    AllPhases { padding: [usize; 2] },
    /// Points of `winograd::strided::few_tiles`, with tiles of so many outputs, transposed for the gradient of the input.
    FewTiles { side: usize, transposed: bool },
    /// Transposed, in panels.
    TransposedPanels,
}

/// What forms are made of: the weights of a parameter, or some of them.
#[derive(Clone, Copy)]
pub(crate) struct Portion<'a> {
    values: &'a [f32],
    version: u64,
    frozen: bool,
    part: usize,
}

impl<'a> From<&'a Param> for Portion<'a> {
    fn from(param: &'a Param) -> Self {
        Self::new(param, 0, param.values())
    }
}

impl<'a> Portion<'a> {
    /// These weights of a parameter, as the part of this number.
    pub fn new(param: &Param, part: usize, values: &'a [f32]) -> Self {
        Self { values, version: param.version(), frozen: param.is_frozen(), part }
    }

    /// The weights.
    pub fn values(self) -> &'a [f32] {
        self.values
    }
}

/// Weights in one form.
struct Pack {
    form: Form,
    part: usize,
    /// Of the parameter that it was made of.
    version: u64,
    /// Of the parameter that it was asked for last.
    asked: u64,
    /// Whether a version was asked for twice in training: by two uses of a layer, or two passes between two updates.
    used_again: bool,
    values: AlignedBuffer,
}

/// A form of one of the parameters of the weights that a call computes with.
pub(crate) struct Request<'a> {
    /// Which of the parameters.
    pub parameter: usize,
    pub form: Form,
    pub of: Portion<'a>,
    /// Floats of the form.
    pub len: usize,
    /// Makes it.
    pub make: &'a mut dyn FnMut(&mut [f32]),
}

/// Weights in the forms that kernels have asked for.
#[derive(Default)]
pub(crate) struct Packs {
    /// Which weights the next call computes with, if their forms are kept.
    current: Option<usize>,
    /// Whether weights are expected to change before the next pass.
    training: bool,
    /// By the number of the weights.
    kept: Vec<Vec<Pack>>,
    /// Of weights that have no number, or are used once: one for each that a call asks for at once.
    passing: Vec<AlignedBuffer>,
}

impl Packs {
    /// Which weights the next call computes with, if their forms are kept.
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    /// Says so.
    pub fn compute_with(&mut self, weights: Option<usize>) {
        self.current = weights;
    }

    /// Says whether the passes from now on are for training.
    pub fn set_training(&mut self, training: bool) {
        self.training = training;
    }

    /// Whether a form of these weights, which the next call computes with, is likely to be there.
    pub fn lasts(&self, of: Portion<'_>) -> bool {
        self.current.is_some() && (!self.training || of.frozen)
    }

    /// A form of `len` floats of weights, which `make` makes, unless it was made before and the parameter is the same.
    pub fn get<'a>(
        &mut self,
        form: Form,
        of: impl Into<Portion<'a>>,
        len: usize,
        mut make: impl FnMut(&mut [f32]),
    ) -> &[f32] {
        let [values] = self.get_all([Request { parameter: 0, form, of: of.into(), len, make: &mut make }]);
        values
    }

    /// The same if the parameter was as it is when it was asked for last, as in inference: what is used once is not worth a form.
    pub fn get_lasting<'a>(
        &mut self,
        form: Form,
        of: impl Into<Portion<'a>>,
        len: usize,
        mut make: impl FnMut(&mut [f32]),
    ) -> Option<&[f32]> {
        let (first, of) = (self.current.take()?, of.into());
        let place = self.place(first, form, of.part);
        let pack = &mut self.kept[first][place];
        let lasts = pack.asked == of.version;
        pack.asked = of.version;
        if !lasts {
            return None;
        }
        let place = self.make(first, &mut Request { parameter: 0, form, of, len, make: &mut make });
        Some(&self.kept[first][place].values[..len])
    }

    /// The same for several at once, all of the same weights.
    pub fn get_all<const N: usize>(&mut self, mut requests: [Request<'_>; N]) -> [&[f32]; N] {
        let first = self.current.take();
        if self.passing.len() < N {
            self.passing.resize_with(N, AlignedBuffer::default);
        }
        let places: [_; N] = std::array::from_fn(|index| {
            let request = &mut requests[index];
            match first.filter(|&first| self.keeps(first, request)) {
                Some(first) => Some((first + request.parameter, self.make(first, request))),
                None => {
                    (request.make)(self.passing[index].take(request.len));
                    None
                }
            }
        });
        std::array::from_fn(|index| {
            let values = match places[index] {
                Some((parameter, form)) => &self.kept[parameter][form].values,
                None => &self.passing[index],
            };
            &values[..requests[index].len]
        })
    }

    /// Whether a form has a place of its own: its weights last, or are used more than once.
    fn keeps(&mut self, first: usize, request: &Request<'_>) -> bool {
        let Request { parameter, form, of: Portion { version: current, frozen, part, .. }, .. } = *request;
        if !self.training || frozen {
            return true;
        }
        let place = self.place(first + parameter, form, part);
        let Pack { version, asked, used_again, .. } = &mut self.kept[first + parameter][place];
        *used_again |= *asked == current;
        *asked = current;
        *used_again || *version == current
    }

    /// The place of a form among those of its parameter.
    fn place(&mut self, index: usize, form: Form, part: usize) -> usize {
        if self.kept.len() <= index {
            self.kept.resize_with(index + 1, Vec::new);
        }
        let forms = &mut self.kept[index];
        forms.iter().position(|pack| (pack.form, pack.part) == (form, part)).unwrap_or_else(|| {
            forms.push(Pack { form, part, version: 0, asked: 0, used_again: false, values: AlignedBuffer::default() });
            forms.len() - 1
        })
    }

    /// Makes a form, unless it is there; returns its place among those of its parameter.
    fn make(&mut self, first: usize, request: &mut Request<'_>) -> usize {
        let Request { parameter, form, of: Portion { version: current, part, .. }, len, make } = request;
        let (form, part, len) = (*form, *part, *len);
        let index = first + *parameter;
        let place = self.place(index, form, part);
        let Pack { version, values, .. } = &mut self.kept[index][place];
        // The same number of floats, or the weights are others: a version is used for one parameter only.
        if *version != *current {
            make(values.take(len));
            *version = *current;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    /// How often a form was made, and its first value.
    fn get(scratch: &mut Scratch, form: Form, param: &Param, made: &mut usize) -> f32 {
        let values = scratch.packs.get(form, param, 2, |values| {
            *made += 1;
            values.copy_from_slice(param.values());
        });
        values[0]
    }

    #[test]
    fn weights_are_packed_when_they_changed_and_not_when_they_are_used() {
        let (mut scratch, mut made) = (Scratch::default(), 0);
        let (mut first, second) = (Param::zeros(&[2]), Param::zeros(&[2]));
        first.values_mut()[0] = 1.0;
        for _ in 0..3 {
            assert_eq!(get(scratch.for_weights(3), Form::Panels, &first, &mut made), 1.0);
        }
        assert_eq!(made, 1);
        // Another form, other weights, changed weights.
        get(scratch.for_weights(3), Form::Winograd, &first, &mut made);
        assert_eq!(get(scratch.for_weights(0), Form::Panels, &second, &mut made), 0.0);
        assert_eq!(made, 3);
        first.values_mut()[0] = 2.0;
        assert_eq!(get(scratch.for_weights(3), Form::Panels, &first, &mut made), 2.0);
        assert_eq!(made, 4);
        // Another network in the same workspace.
        assert_eq!(get(scratch.for_weights(3), Form::Panels, &second, &mut made), 0.0);
        assert_eq!(made, 5);
    }

    #[test]
    fn weights_that_do_not_last_are_not_packed() {
        let (mut scratch, mut param, mut made) = (Scratch::default(), Param::zeros(&[2]), 0);
        let mut ask = |scratch: &mut Scratch, param: &Param| {
            let packed = scratch.packs.get_lasting(Form::Panels, param, 2, |values| {
                made += 1;
                values.copy_from_slice(param.values());
            });
            (packed.map(|values| values[0]), made)
        };
        for value in [1.0, 2.0] {
            param.values_mut()[0] = value;
            let made = value as usize;
            assert_eq!(ask(scratch.for_weights(3), &param), (None, made - 1));
            assert_eq!(ask(scratch.for_weights(3), &param), (Some(value), made));
            assert_eq!(ask(scratch.for_weights(3), &param), (Some(value), made));
        }
        assert_eq!(ask(&mut scratch, &param), (None, 2), "weights without a number");
    }

    #[test]
    fn forms_that_training_uses_once_share_their_memory() {
        let (mut scratch, mut made) = (Scratch::default(), 0);
        let mut params = [Param::zeros(&[2]), Param::zeros(&[2])];
        let kept =
            |scratch: &Scratch| scratch.packs.kept.iter().flatten().filter(|pack| !pack.values.is_empty()).count();
        scratch.packs.set_training(true);
        for step in 1..4 {
            for (index, param) in params.iter_mut().enumerate() {
                param.values_mut()[0] = step as f32;
                assert_eq!(get(scratch.for_weights(index), Form::Panels, param, &mut made), step as f32);
            }
            assert_eq!((made, kept(&scratch)), (2 * step, 0));
        }
        // A second use of the same weights, and from then on the first one, too.
        for step in 4..6 {
            params[0].values_mut()[0] = step as f32;
            for _ in 0..3 {
                assert_eq!(get(scratch.for_weights(0), Form::Panels, &params[0], &mut made), step as f32);
            }
        }
        assert_eq!((made, kept(&scratch)), (6 + 2 + 1, 1));
        // Frozen weights last.
        params[1].set_frozen(true);
        for _ in 0..3 {
            get(scratch.for_weights(1), Form::Panels, &params[1], &mut made);
        }
        assert_eq!((made, kept(&scratch)), (10, 2));
        // What inference has made is there for training.
        scratch.packs.set_training(false);
        params[1].set_frozen(false);
        params[1].values_mut()[0] = 7.0;
        get(scratch.for_weights(1), Form::Panels, &params[1], &mut made);
        scratch.packs.set_training(true);
        assert_eq!((get(scratch.for_weights(1), Form::Panels, &params[1], &mut made), made), (7.0, 11));
    }

    #[test]
    fn weights_without_a_number_are_packed_always() {
        let (mut scratch, mut made) = (Scratch::default(), 0);
        let param = Param::zeros(&[2]);
        get(scratch.for_weights(0), Form::Panels, &param, &mut made);
        get(&mut scratch, Form::Panels, &param, &mut made);
        get(&mut scratch, Form::Panels, &param, &mut made);
        assert_eq!(made, 3);
    }
}
