//! The statements of a network or a template, as they are being written.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::next;
use crate::draw::Random;
use crate::graph::{Element, Input};
use crate::layers::{self, Activation, Conv2d, Dense, Flatten, Layer, Padding, Pool2d, Reshape, Wanted, Window};
use crate::open::shapes;
use crate::program::{Flow, Program, Source, Stage, Statement, What};
use crate::tensor::{Dims, elements};

/// A value that is bound to a name.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) dims: Dims,
    pub(super) read: bool,
}

/// The statements of a network or a template, as they are being written.
pub(super) struct Body<'a> {
    pub(super) random: &'a mut Random,
    pub(super) program: &'a Program,
    pub(super) names: &'a mut usize,
    pub(super) values: Vec<Value>,
    pub(super) shared: BTreeMap<String, Vec<Stage>>,
    pub(super) statements: Vec<Statement>,
    /// Inputs that come with what reads them, whole numbers and masks; `None` where there can be none.
    pub(super) inputs: Option<Vec<Input>>,
}

impl Body<'_> {
    pub(super) fn name(&mut self, letter: char) -> String {
        format!("{letter}{}", next(self.names))
    }

    pub(super) fn unread(&self) -> impl Iterator<Item = &Value> {
        self.values.iter().filter(|value| !value.read)
    }

    /// A value to go on from: mostly one that nobody has read.
    pub(super) fn any(&mut self) -> Value {
        let unread: Vec<Value> = self.unread().cloned().collect();
        if !unread.is_empty() && self.random.percent(70) {
            return unread[self.random.below(unread.len())].clone();
        }
        self.values[self.random.below(self.values.len())].clone()
    }

    /// A value of this shape, which is made of others if there is none.
    fn of_shape(&mut self, dims: &Dims) -> Option<Value> {
        let same: Vec<Value> = self.values.iter().filter(|value| value.dims == *dims).cloned().collect();
        if !same.is_empty() && self.random.percent(70) {
            return Some(same[self.random.below(same.len())].clone());
        }
        let from = self.any();
        let mut layers: Vec<Rc<dyn Layer>> = Vec::new();
        if from.dims.len() > 1 {
            layers.push(Rc::new(Flatten));
        }
        if elements(&from.dims) * elements(dims) > 10_000 {
            layers.push(Rc::new(Dense { units: 3, bias: true }));
        }
        layers.push(Rc::new(Dense { units: elements(dims), bias: self.random.percent(80) }));
        if dims.len() > 1 {
            layers.push(Rc::new(Reshape { dims: dims.clone(), open: None }));
        }
        let stages = self.chain(&from.dims, layers).0;
        Some(self.bind(&[from], stages)?.remove(0))
    }

    /// An input of this kind, for what reads it alone: one that there is or, if there can be more of them, a new one.
    pub(super) fn input(&mut self, dims: &Dims, element: Element) -> Option<Value> {
        let inputs = self.inputs.as_ref()?;
        let fits = |input: &&Input| input.dims == *dims && input.element.serves(element);
        let fit: Vec<String> = inputs.iter().filter(fits).map(|input| input.name.clone()).collect();
        let name = if fit.is_empty() || self.random.percent(50) {
            let name = self.name('x');
            self.inputs.as_mut()?.push(Input { name: name.clone(), dims: dims.clone(), element });
            name
        } else {
            fit[self.random.below(fit.len())].clone()
        };
        Some(Value { name, dims: dims.clone(), read: true })
    }

    /// What a layer is to be given beside its first operand.
    pub(super) fn wanted(&mut self, more: &[Wanted]) -> Option<Vec<Value>> {
        let of = |Wanted { dims, element }: &Wanted| match element {
            Element::F32 => self.of_shape(dims),
            Element::Mask | Element::U32(_) => self.input(dims, *element),
        };
        more.iter().map(of).collect()
    }

    pub(super) fn any_image(&mut self) -> Option<Value> {
        let images: Vec<Value> = self.values.iter().filter(|value| value.dims.len() == 3).cloned().collect();
        (!images.is_empty()).then(|| images[self.random.below(images.len())].clone())
    }

    /// A stage of a layer; one with weights is given a name.
    pub(super) fn layer(&mut self, layer: Rc<dyn Layer>, operands: &[Dims]) -> Stage {
        let layer = layers::held(self.random, layer, operands);
        let name = (!layer.weights(operands).is_empty()).then(|| self.name('w'));
        Stage { what: What::Layer(layer), name, frozen: false }
    }

    /// Binds what stages make of values; `None` if they do not fit.
    pub(super) fn bind(&mut self, sources: &[Value], stages: Vec<Stage>) -> Option<Vec<Value>> {
        let dims: Vec<Dims> = sources.iter().map(|source| source.dims.clone()).collect();
        let results = shapes(self.program, &self.shared, &dims, &stages)?;
        if results.iter().any(|dims| elements(dims) > 4000) {
            return None;
        }
        let names = self.operand_names(&stages[0]).iter().copied().chain(std::iter::repeat(None));
        let sources: Vec<Source> =
            sources.iter().zip(names).map(|(source, operand)| Source { operand, value: source.name.clone() }).collect();
        for value in &mut self.values {
            value.read |= sources.iter().any(|source| source.value == value.name);
        }
        let results: Vec<Value> =
            results.into_iter().map(|dims| Value { name: self.name('v'), dims, read: false }).collect();
        let names = results.iter().map(|value| Some(value.name.clone())).collect();
        self.statements.push(Statement::Let { names, flow: Flow { sources, stages } });
        self.values.extend(results.clone());
        Some(results)
    }

    /// The names by which a stage is given operands.
    fn operand_names(&self, stage: &Stage) -> &'static [Option<&'static str>] {
        match &stage.what {
            What::Layer(layer) => layer.operand_names(),
            What::Shared(name) => self.operand_names(&self.shared[name][0]),
            What::Template(_) | What::Network(_) => &[],
        }
    }

    /// The stages of layers, one behind the other, as far as they fit.
    pub(super) fn chain(&mut self, dims: &Dims, layers: Vec<Rc<dyn Layer>>) -> (Vec<Stage>, Dims) {
        let (mut stages, mut dims) = (Vec::new(), dims.clone());
        for layer in layers {
            let operands = [dims.clone()];
            if let Some(results) = layer.results(&operands) {
                stages.push(self.layer(layer, &operands));
                dims = results[0].clone();
            }
        }
        (stages, dims)
    }

    /// A random chain of layers with one operand.
    pub(super) fn random_chain(&mut self, dims: &Dims, length: usize) -> Vec<Stage> {
        if dims.len() == 3 && self.random.percent(45) {
            let layers = self.convolution(dims);
            return self.chain(dims, layers).0;
        }
        let (mut stages, mut dims) = (Vec::new(), dims.clone());
        for _ in 0..length {
            let operands = [dims];
            let Some(layer) = layers::draw(self.random, &operands) else { break };
            let mut results = layer.results(&operands).expect("it was drawn for them");
            stages.push(self.layer(layer, &operands));
            dims = results.remove(0);
            // Several values end a chain.
            if !results.is_empty() {
                break;
            }
        }
        stages
    }

    /// A convolution with what the compiler may put into it.
    pub(super) fn convolution(&mut self, dims: &Dims) -> Vec<Rc<dyn Layer>> {
        let mut layers: Vec<Rc<dyn Layer>> = Vec::new();
        let padding = self.random.pick(&[Padding::Valid, Padding::Same]);
        let size = self.random.pick(&[[1, 1], [3, 3], [3, 3], [3, 3], [2, 3]]);
        let filters = self.random.pick(&[1, 3, 8, 16, 16, 32]);
        if filters * elements(dims) * size[0] * size[1] > 300_000 {
            return layers;
        }
        let window = Window { size, stride: [1, 1], dilation: [1, 1], padding };
        layers.push(Rc::new(Conv2d { filters, window, bias: self.random.percent(80) }));
        let mut rest = vec![0, 1, 2];
        rest.truncate(self.random.within(1, 3));
        for _ in rest {
            match self.random.below(6) {
                0 | 1 => layers.push(Rc::new(Activation::Relu)),
                2 | 3 => {
                    let window = Window { size: [2, 2], stride: [2, 2], dilation: [1, 1], padding: Padding::Valid };
                    layers.push(Rc::new(Pool2d { max: true, window }));
                }
                4 => layers.push(Rc::new(Flatten)),
                _ => layers.extend(layers::activation(self.random)),
            }
        }
        layers
    }
}
