//! What may come next: a statement or a few.

use std::rc::Rc;

use super::body::{Body, Value};
use crate::graph::{Element, Input};
use crate::layers::{
    self, Activation, BatchNorm, Concat, Conv2d, Dense, GlobalPool2d, Layer, Merge, Padding, Reshape, Split, Window,
};
use crate::program::{Stage, Statement, What};
use crate::tensor::Dims;

impl Body<'_> {
    /// One or a few more statements.
    pub(super) fn action(&mut self) {
        match self.random.below(100) {
            0..=37 => {
                let value = self.any();
                let length = self.random.within(1, 4);
                let stages = self.random_chain(&value.dims, length);
                if !stages.is_empty() {
                    self.bind(&[value], stages);
                }
            }
            38..=49 => {
                self.merge();
            }
            50..=54 => {
                self.with_more();
            }
            55..=59 => {
                self.gate();
            }
            60..=72 => {
                self.share();
            }
            73..=77 => {
                self.join();
            }
            78..=80 => {
                self.split();
            }
            81..=88 => {
                self.use_template();
            }
            89..=93 => {
                self.residual();
            }
            _ => {
                self.use_network();
            }
        }
    }

    /// Inputs of whole numbers, read by one layer, which is shared if there are several.
    pub(super) fn words(&mut self) -> Option<()> {
        let (dims, end) = (vec![self.random.within(1, 6)], self.random.within(2, 9));
        let operand = self.input(&dims, Element::U32(end))?;
        let layer = layers::draw_of_whole(self.random, &dims, end)?;
        if layer.weights(std::slice::from_ref(&dims)).is_empty() || self.random.percent(50) {
            let stage = self.layer(layer, &[dims]);
            self.bind(&[operand], vec![stage])?;
            return Some(());
        }
        let (name, _) =
            self.declare(&[operand], vec![Stage { what: What::Layer(layer), name: None, frozen: false }])?;
        let dims = vec![self.random.within(1, 6)];
        let other = self.input(&dims, Element::U32(end))?;
        self.bind(&[other], vec![Stage { what: What::Shared(name), name: None, frozen: false }])?;
        Some(())
    }

    /// A layer with more operands than one, whose shapes depend on each other: once, or shared by two uses.
    fn with_more(&mut self) -> Option<()> {
        let first = self.any();
        let (layer, more) = layers::draw_with_more(self.random, &first.dims)?;
        let operands = [vec![first.clone()], self.wanted(&more)?].concat();
        let dims: Vec<Dims> = operands.iter().map(|operand| operand.dims.clone()).collect();
        if layer.weights(&dims).is_empty() || self.random.percent(70) {
            let stage = self.layer(layer, &dims);
            self.bind(&operands, vec![stage])?;
            return Some(());
        }
        let (name, results) =
            self.declare(&operands, vec![Stage { what: What::Layer(layer), name: None, frozen: false }])?;
        let again = results.into_iter().find(|result| result.dims == first.dims).unwrap_or(first);
        let operands = [vec![again], self.wanted(&more)?].concat();
        self.bind(&operands, vec![Stage { what: What::Shared(name), name: None, frozen: false }])?;
        Some(())
    }

    pub(super) fn merge(&mut self) -> Option<()> {
        for _ in 0..10 {
            let count = self.random.pick(&[2, 2, 2, 3]);
            let operands: Vec<Value> = (0..count).map(|_| self.any()).collect();
            let dims: Vec<Dims> = operands.iter().map(|operand| operand.dims.clone()).collect();
            if let Some(layer) = layers::draw(self.random, &dims) {
                let result =
                    self.bind(&operands, vec![Stage { what: What::Layer(layer), name: None, frozen: false }])?;
                if self.random.percent(40) {
                    let activation = layers::activation(self.random)?;
                    self.bind(&result, vec![Stage { what: What::Layer(activation), name: None, frozen: false }])?;
                }
                return Some(());
            }
        }
        None
    }

    /// A weight for each channel of an image (squeeze and excite).
    pub(super) fn gate(&mut self) -> Option<()> {
        let image = self.any_image()?;
        let channels = image.dims[2];
        let pool = GlobalPool2d { max: self.random.percent(30) };
        let layers: Vec<Rc<dyn Layer>> = vec![
            Rc::new(pool),
            Rc::new(Dense { units: channels, bias: true }),
            layers::activation(self.random)?,
            Rc::new(Reshape { dims: vec![1, 1, channels], open: None }),
        ];
        let stages = self.chain(&image.dims, layers).0;
        let gate = self.bind(std::slice::from_ref(&image), stages)?.remove(0);
        let operands = if self.random.percent(70) { [image, gate] } else { [gate, image] };
        let merge = self.random.pick(&[Merge::Mul, Merge::Mul, Merge::Add, Merge::Sub, Merge::Maximum]);
        self.bind(&operands, vec![Stage { what: What::Layer(Rc::new(merge)), name: None, frozen: false }])?;
        Some(())
    }

    /// Convolutions, perhaps normalized, whose result is added to what went in, and a function of the sum.
    pub(super) fn residual(&mut self) -> Option<()> {
        let image = self.any_image()?;
        let filters = self.random.pick(&[3, 8, 16, 32]);
        let size = self.random.pick(&[[1, 1], [3, 3], [3, 3], [1, 5]]);
        if filters * filters * image.dims[0] * image.dims[1] * size[0] * size[1] > 300_000 {
            return None;
        }
        let window = |size| Window { size, stride: [1, 1], dilation: [1, 1], padding: Padding::Same };
        let mut wide: Vec<Rc<dyn Layer>> = vec![Rc::new(Conv2d { filters, window: window([1, 1]), bias: true })];
        wide.extend(layers::activation(self.random));
        let stages = self.chain(&image.dims, wide).0;
        let added = self.bind(&[image], stages)?.remove(0);

        let mut layers: Vec<Rc<dyn Layer>> = Vec::new();
        for _ in 0..self.random.pick(&[1, 2, 2]) {
            layers.extend(if layers.is_empty() { None } else { layers::activation(self.random) });
            layers.push(Rc::new(Conv2d { filters, window: window(size), bias: self.random.percent(50) }));
            if added.dims[0] * added.dims[1] >= 3 && self.random.percent(50) {
                layers.push(Rc::new(BatchNorm { momentum: 0.5, epsilon: 1e-2, center: true, scale: true }));
            }
        }
        let stages = self.chain(&added.dims, layers).0;
        let result = self.bind(std::slice::from_ref(&added), stages)?.remove(0);
        let operands = if self.random.percent(50) { [result, added] } else { [added, result] };
        let mut sum: Vec<Rc<dyn Layer>> = vec![Rc::new(Merge::Add)];
        sum.extend(layers::activation(self.random).filter(|_| self.random.percent(70)));
        let stages = sum.into_iter().map(|layer| Stage { what: What::Layer(layer), name: None, frozen: false });
        self.bind(&operands, stages.collect())?;
        Some(())
    }

    /// A layer or chain with one set of weights for several uses.
    pub(super) fn share(&mut self) -> Option<()> {
        let first = self.any();
        let length = self.random.within(1, 3);
        let mut stages = self.random_chain(&first.dims, length);
        if stages.iter().all(|stage| stage.name.is_none()) {
            return None;
        }
        if let [stage] = stages.as_mut_slice() {
            // It goes by the name of the shared layer.
            stage.name = None;
        }
        let (name, mut results) = self.declare(std::slice::from_ref(&first), stages)?;
        let used = || vec![Stage { what: What::Shared(name.clone()), name: None, frozen: false }];
        let same: Vec<Value> = self.values.iter().filter(|value| value.dims == first.dims).cloned().collect();
        for _ in 0..self.random.pick(&[1, 1, 2]) {
            let mut operand = same[self.random.below(same.len())].clone();
            if operand.name == first.name && self.random.percent(80) {
                let activation = layers::activation(self.random)?;
                operand = self
                    .bind(&[operand], vec![Stage { what: What::Layer(activation), name: None, frozen: false }])?
                    .remove(0);
            }
            results.extend(self.bind(&[operand], used())?);
        }
        if self.random.percent(60) {
            let layer =
                layers::draw(self.random, &results.iter().map(|result| result.dims.clone()).collect::<Vec<_>>())?;
            self.bind(&results, vec![Stage { what: What::Layer(layer), name: None, frozen: false }])?;
        }
        Some(())
    }

    /// Declares a shared layer and uses it; `None` if it does not fit.
    pub(super) fn declare(&mut self, operands: &[Value], stages: Vec<Stage>) -> Option<(String, Vec<Value>)> {
        let name = self.name('s');
        self.shared.insert(name.clone(), stages.clone());
        self.statements.push(Statement::Shared { name: name.clone(), stages });
        let results = self.bind(operands, vec![Stage { what: What::Shared(name.clone()), name: None, frozen: false }]);
        if results.is_none() {
            self.statements.pop();
        }
        Some((name, results?))
    }

    /// Convolutions whose images are joined.
    pub(super) fn join(&mut self) -> Option<()> {
        let image = self.any_image()?;
        let same: Vec<Value> = self
            .values
            .iter()
            .filter(|value| value.dims.len() == 3 && value.dims[..2] == image.dims[..2])
            .cloned()
            .collect();
        let (relu, filters) = (self.random.percent(60), self.random.pick(&[1, 3, 8, 16]));
        let mut joined = Vec::new();
        for _ in 0..self.random.pick(&[2, 2, 3]) {
            let operand = same[self.random.below(same.len())].clone();
            let size = self.random.pick(&[[1, 1], [3, 3], [3, 1]]);
            let window = Window { size, stride: [1, 1], dilation: [1, 1], padding: Padding::Same };
            let mut layers: Vec<Rc<dyn Layer>> = vec![Rc::new(Conv2d { filters, window, bias: true })];
            if relu != self.random.percent(10) {
                layers.push(Rc::new(Activation::Relu));
            }
            let stages = self.chain(&operand.dims, layers).0;
            joined.extend(self.bind(&[operand], stages)?);
        }
        let axis = self.random.below(3);
        let concat = vec![Stage { what: What::Layer(Rc::new(Concat { axis })), name: None, frozen: false }];
        let result = self.bind(&joined, concat)?;
        if self.random.percent(85) {
            let stages = self.random_chain(&result[0].dims, 1);
            if !stages.is_empty() {
                self.bind(&result, stages)?;
            }
        }
        Some(())
    }

    /// Parts of a value, read by layers that can do so where they lie, mostly.
    fn split(&mut self) -> Option<()> {
        let value = self.any();
        let operands = [value.dims.clone()];
        let layer = Split::draw(self.random, &operands)?;
        let stage = self.layer(layer, &operands);
        let mut parts = self.bind(&[value], vec![stage])?;
        for _ in 0..self.random.within(1, 3) {
            let part = parts[self.random.below(parts.len())].clone();
            match self.random.below(4) {
                0 => {
                    let activation = layers::activation(self.random)?;
                    parts.extend(
                        self.bind(&[part], vec![Stage { what: What::Layer(activation), name: None, frozen: false }])?,
                    );
                }
                1 => {
                    let dense: Vec<Rc<dyn Layer>> =
                        vec![Rc::new(Dense { units: self.random.within(1, 9), bias: true })];
                    let stages = self.chain(&part.dims, dense).0;
                    if !stages.is_empty() {
                        self.bind(&[part], stages)?;
                    }
                }
                _ => {
                    let other = parts[self.random.below(parts.len())].clone();
                    let dims = [part.dims.clone(), other.dims.clone()];
                    let layer = layers::draw(self.random, &dims)?;
                    self.bind(&[part, other], vec![Stage { what: What::Layer(layer), name: None, frozen: false }])?;
                }
            }
        }
        Some(())
    }

    pub(super) fn use_template(&mut self) -> Option<()> {
        let count = self.program.templates.len();
        for _ in 0..if count > 0 { 10 } else { 0 } {
            let index = self.random.below(count);
            let operands: Vec<Value> = self.program.templates[index].inputs.iter().map(|_| self.any()).collect();
            let stage = Stage { what: What::Template(index), name: Some(self.name('t')), frozen: false };
            if let Some(results) = self.bind(&operands, vec![stage]) {
                if results.len() == 1 && self.random.percent(30) {
                    let stage = Stage { what: What::Template(index), name: Some(self.name('t')), frozen: false };
                    self.bind(&results, vec![stage]);
                }
                return Some(());
            }
        }
        None
    }

    pub(super) fn use_network(&mut self) -> Option<()> {
        if self.program.networks.is_empty() {
            return None;
        }
        let index = self.random.below(self.program.networks.len());
        let network = &self.program.networks[index];
        let operands = |body: &mut Self| {
            let of = |input: &Input| {
                if input.element != Element::F32 {
                    return body.input(&input.dims, input.element);
                }
                let fit: Vec<Value> = body.values.iter().filter(|value| value.dims == input.dims).cloned().collect();
                (!fit.is_empty()).then(|| fit[body.random.below(fit.len())].clone())
            };
            network.inputs.iter().map(of).collect::<Option<Vec<Value>>>()
        };
        if self.random.percent(50) {
            let stage = Stage { what: What::Network(index), name: Some(self.name('n')), frozen: false };
            let operands = operands(self)?;
            self.bind(&operands, vec![stage])?;
            return Some(());
        }
        let first = operands(self)?;
        let (name, _) = self.declare(&first, vec![Stage { what: What::Network(index), name: None, frozen: false }])?;
        let second = operands(self)?;
        self.bind(&second, vec![Stage { what: What::Shared(name), name: None, frozen: false }])?;
        Some(())
    }
}
