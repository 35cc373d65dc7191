//! `ConvLstm1d`, `ConvLstm2d`, `ConvLstm3d`: an LSTM over rows, images or volumes, with convolutions for its products.

use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::quote;

use super::sequence::{
    ACTIVATION, BIAS, DROPOUT, Functions, RECURRENT_ACTIVATION, RECURRENT_DROPOUT, REVERSE, SEQUENCES, STATES,
    Sequence, TWO_STATES, UNIT_FORGET_BIAS, lstm_bias,
};
use super::signature::{Given, Signature};
use super::window::{Padding, Window};
use super::{Holder, Inferred, Layer, Misfit, Use, multiply_adds, runtime_layer, single};
use crate::arguments::{Arguments, Parameter};
use crate::shape::Shape;

const PARAMETERS: &[Parameter<'static>] = &[
    Parameter::required("filters"),
    Parameter::required("kernel"),
    Parameter::named("stride", "1"),
    Parameter::named("padding", "valid"),
    Parameter::named("dilation", "1"),
    ACTIVATION,
    RECURRENT_ACTIVATION,
    SEQUENCES,
    STATES,
    REVERSE,
    BIAS,
    UNIT_FORGET_BIAS,
    DROPOUT,
    RECURRENT_DROPOUT,
];

pub(super) const CONV_LSTM1D: Signature =
    Signature { name: "ConvLstm1d", parameters: PARAMETERS, operands: TWO_STATES, build: build::<1> };

pub(super) const CONV_LSTM2D: Signature =
    Signature { name: "ConvLstm2d", parameters: PARAMETERS, operands: TWO_STATES, build: build::<2> };

pub(super) const CONV_LSTM3D: Signature =
    Signature { name: "ConvLstm3d", parameters: PARAMETERS, operands: TWO_STATES, build: build::<3> };

/// Gates of a filter.
const GATES: usize = 4;

/// Numbers that are kept of each element of a state and step beside the hidden state.
const KEPT: usize = 6;

const STATE_NAMES: &[&str] = &["h", "c"];

#[derive(Clone, Copy, Debug)]
struct ConvLstm<const AXES: usize> {
    filters: usize,
    window: Window<AXES>,
    functions: Functions,
    unit_forget_bias: bool,
    sequence: Sequence,
}

fn build<const AXES: usize>(arguments: &mut Arguments<'_>) -> Option<Rc<dyn Layer>> {
    let filters = arguments.count("filters", None);
    let size = arguments.extents("kernel", None);
    let stride = arguments.extents("stride", Some([1; AXES]));
    let padding = Padding::argument(arguments);
    let dilation = arguments.extents("dilation", Some([1; AXES]));
    let functions = Functions::of(arguments);
    let unit_forget_bias = arguments.flag(UNIT_FORGET_BIAS.name, true);
    let sequence = Sequence::of(arguments);
    let (stride, dilation) = (stride?, dilation?);
    Window::reject_strided_and_dilated(ConvLstm::<AXES>::NAME, arguments, stride, dilation)?;
    Some(Rc::new(ConvLstm {
        filters: filters?,
        window: Window { size: size?, stride, dilation, padding: padding? },
        functions: functions?,
        unit_forget_bias: unit_forget_bias?,
        sequence: sequence?,
    }))
}

impl<const AXES: usize> ConvLstm<AXES> {
    const NAME: &'static str = ["ConvLstm1d", "ConvLstm2d", "ConvLstm3d"][AXES - 1];
    const CONVOLUTION: &'static str = ["Conv1d", "Conv2d", "Conv3d"][AXES - 1];

    /// The steps of the operand, and what a step has.
    fn steps<'a>(&self, operands: &'a [Shape]) -> Result<(usize, &'a [usize]), Misfit> {
        let operand = single(operands);
        if let [steps, image @ ..] = operand.as_slice()
            && image.len() == AXES + 1
        {
            return Ok((*steps, image));
        }
        let name = Self::NAME;
        let axes = ["rows, channels", "height, width, channels", "depth, height, width, channels"][AXES - 1];
        let misfit = Misfit::stage(format!("`{name}` needs [steps, {axes}], but {{0}} is {operand:?}"));
        Err(misfit.help(match operand.len() == AXES + 1 {
            true => {
                let dims: Vec<String> = operand.iter().map(usize::to_string).collect();
                format!("`Reshape(1, {})` before it makes one step", dims.join(", "))
            }
            false => format!("`Reshape(steps, {axes})` before it makes steps of other shapes"),
        }))
    }

    /// The shape of what an image is convolved to, with the channels of all gates.
    fn convolved(&self, image: &[usize]) -> Result<Shape, Misfit> {
        let extents = std::array::from_fn(|axis| image[axis]);
        let output = self.window.output(Self::NAME, "kernel", (extents, image[AXES]))?;
        Ok([&output[..], &[GATES * self.filters]].concat())
    }
}

impl<const AXES: usize> Layer for ConvLstm<AXES> {
    fn infer(&self, operands: &[Shape]) -> Inferred {
        let filters = self.filters;
        let (steps, image) = self.steps(operands)?;
        let convolved = self.convolved(image)?;
        let mut state = convolved.clone();
        state[AXES] = filters;
        let help = |operand: &Shape| match operand.len() == AXES + 1 && operand[..AXES] == state[..AXES] {
            true => format!("`{}({filters}, 1)` before it makes {filters} channels", Self::CONVOLUTION),
            false => "a state is as large as a convolved image, with a channel for each filter".to_owned(),
        };
        let layer = format!("{}({filters}, ...)", Self::NAME);
        self.sequence.check_others((&layer, steps), STATE_NAMES, &state, operands, help)?;
        let [kernel, recurrent] =
            [image[AXES], filters].map(|inputs| [&self.window.size[..], &[inputs, GATES * filters]].concat());
        let per_step =
            multiply_adds(&convolved, &kernel[..=AXES]).saturating_add(multiply_adds(&convolved, &recurrent[..=AXES]));
        let weights = self.sequence.weights(kernel, recurrent, lstm_bias(filters, self.unit_forget_bias));
        let of_weights = (weights, per_step.saturating_mul(steps as u64));
        let sizes = [steps, image.iter().product()];
        Ok(self.sequence.facts(sizes, &state, [STATE_NAMES.len(), KEPT], operands, of_weights))
    }

    fn given(&self, operands: &Given) -> Option<Rc<dyn Layer>> {
        let sequence = self.sequence.with_mask();
        operands.has("mask").then(|| Rc::new(Self { sequence, ..*self }) as Rc<dyn Layer>)
    }

    fn halves(&self) -> Option<[Rc<dyn Layer>; 2]> {
        Some(self.sequence.halves().map(|sequence| Rc::new(Self { sequence, ..*self }) as Rc<dyn Layer>))
    }

    fn results(&self) -> usize {
        self.sequence.results(STATE_NAMES.len())
    }

    fn result_names(&self) -> &'static [&'static str] {
        self.sequence.result_names(&["output", "hidden", "cell"])
    }

    fn holder(&self) -> Option<&'static Holder> {
        Some(self.sequence.holder())
    }

    fn descriptor(&self, of: &Use<'_>) -> TokenStream {
        // Where the operand did not fit, nobody reads the descriptor.
        let fits = self.steps(of.operands).and_then(|(steps, image)| Ok((steps, image, self.convolved(image)?)));
        let Ok((steps, image, convolved)) = fits else { return TokenStream::new() };
        let image = image.to_vec();
        let units = convolved.iter().product::<usize>() / GATES;
        let sequence = self.sequence.descriptor([steps, image.iter().product(), units], of.stream);
        let of_step =
            Use { operands: std::slice::from_ref(&image), output: &convolved, parts: [&image, &convolved], ..*of };
        let convolution = self.window.descriptor(&runtime_layer(Self::CONVOLUTION), &of_step);
        let (path, settings) = (self.runtime_path(), self.functions.settings());
        let plain = quote!(#path::new(#sequence, #convolution));
        if settings.is_empty() { plain } else { quote!(#path { #(#settings,)* ..#plain }) }
    }

    fn runtime_path(&self) -> TokenStream {
        runtime_layer(Self::NAME)
    }
}
