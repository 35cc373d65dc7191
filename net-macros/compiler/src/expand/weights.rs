//! The weights of a layer: the struct that holds them, how they begin, and their gradients.

use proc_macro2::{Ident, Literal, TokenStream};

use super::names::numbers;
use super::once::Once;
use crate::layers::{Kind, Parameter, Setting, Weights, float};

/// The struct of `net_runtime::weights` that holds them.
pub(super) fn holder(weights: &Weights) -> TokenStream {
    let name = Ident::new(weights.holder.name, super::place());
    code! { ::net_runtime::weights::#name }
}

/// Weights as they begin, drawn from a seed.
pub(super) fn initial(weights: &Weights, seed: &TokenStream) -> TokenStream {
    if let Some((holder, kernel)) = usual(weights) {
        return code! { #holder::new(&#kernel, #seed) };
    }
    holding(weights, |index, parameter| {
        let Parameter { dims, initial, kind, frozen, .. } = parameter;
        let dims = numbers(dims);
        let seed = initial.random.then(|| match index {
            0 => seed.clone(),
            _ => {
                let index = Literal::usize_unsuffixed(index);
                code! { #seed.of_parameter(#index) }
            }
        });
        let function = Ident::new(initial.function, super::place());
        let (settings, seed) = (initial.settings.iter().map(setting), seed.into_iter());
        let param = code! { ::net_runtime::initializers::#function(&[#(#dims),*] #(, #settings)* #(, #seed)*) };
        let param = match kind {
            Kind::Trained => param,
            Kind::Statistic | Kind::Adapted => code! { #param.into_statistic() },
        };
        if *frozen {
            code! { #param.into_frozen() }
        } else {
            param
        }
    })
}

/// What an initializer takes.
fn setting(setting: &Setting) -> TokenStream {
    match *setting {
        Setting::Number(number) => float(number),
        Setting::Word(kind, word) => {
            let [kind, word] = [kind, word].map(|name| Ident::new(name, super::place()));
            code! { ::net_runtime::initializers::#kind::#word }
        }
    }
}

/// Gradients of zero; none by what is frozen.
pub(super) fn zeros(weights: &Weights) -> TokenStream {
    if let Some((holder, kernel)) = usual(weights) {
        return code! { #holder::<::net_runtime::Gradient>::zeros(&#kernel) };
    }
    holding(weights, |_, Parameter { dims, kind, frozen, .. }| {
        if *frozen {
            return code! { ::net_runtime::Gradient::none() };
        }
        let dims = numbers(dims);
        let gradient = code! { ::net_runtime::Gradient::zeros(&[#(#dims),*]) };
        match kind {
            Kind::Trained => gradient,
            Kind::Statistic | Kind::Adapted => code! { #gradient.into_statistic() },
        }
    })
}

/// The struct of weights that begin as usual, which one call makes of the dimensions of their kernel.
fn usual(weights: &Weights) -> Option<(TokenStream, TokenStream)> {
    let kernel = weights.usual_kernel()?;
    let dims = numbers(&kernel.dims);
    Some((holder(weights), code! { [#(#dims),*] }))
}

fn holding(weights: &Weights, value: impl Fn(usize, &Parameter) -> TokenStream) -> TokenStream {
    let holder = Once::new(holder(weights));
    let fields = weights.named().enumerate().map(|(index, (name, parameter))| {
        let (name, value) = (Ident::new(name, super::place()), Once::new(value(index, parameter)));
        Once::new(code! { #name: #value })
    });
    code! { #holder { #(#fields),* } }
}
