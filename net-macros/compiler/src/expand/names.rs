//! The names of the items generated for a network: siblings of its struct.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::format_ident;
use syn::ext::IdentExt;

use crate::shape::Element;

/// The names of the items generated for a network.
pub(super) struct Names {
    pub(super) network: Ident,
    pub(super) inputs: Ident,
    pub(super) outputs: Ident,
    pub(super) views: Ident,
    pub(super) samples: Ident,
    pub(super) gradients: Ident,
    pub(super) output_gradients: Ident,
    pub(super) input_gradients: Ident,
    pub(super) upstream: Ident,
    pub(super) workspace: Ident,
    pub(super) slots: Ident,
    pub(super) losses: Ident,
    pub(super) metrics: Ident,
}

impl Names {
    pub(super) fn new(network: &Ident) -> Self {
        let name = network.unraw();
        let with = |suffix: &str| format_ident!("{name}{suffix}");
        Self {
            inputs: with("Inputs"),
            outputs: with("Outputs"),
            views: with("OutputViews"),
            samples: with("Samples"),
            gradients: with("Gradients"),
            output_gradients: with("OutputGradients"),
            input_gradients: with("InputGradients"),
            upstream: with("Upstream"),
            workspace: with("Workspace"),
            slots: with("Slots"),
            losses: with("Losses"),
            metrics: with("Metrics"),
            network: network.clone(),
        }
    }
}

/// A number without a suffix.
pub(super) fn number(value: usize) -> Literal {
    Literal::usize_unsuffixed(value)
}

/// Numbers without suffixes.
pub(super) fn numbers(values: &[usize]) -> impl Iterator<Item = Literal> {
    values.iter().map(|&value| number(value))
}

/// The runtime's type for a shape: `::net_runtime::Shape3<64, 64, 3>`.
pub(super) fn shape_type(shape: &[usize]) -> TokenStream {
    let name = format_ident!("Shape{}", shape.len(), span = super::place());
    let axes = numbers(shape);
    if shape.is_empty() {
        code! { ::net_runtime::#name }
    } else {
        code! { ::net_runtime::#name<#(#axes),*> }
    }
}

/// The type parameters of a batch or view: its shape, and its element unless that is `f32`.
pub(super) fn batch_parameters(shape: &[usize], element: Element) -> TokenStream {
    let shape = shape_type(shape);
    match element {
        Element::F32 => shape,
        Element::U32 => code! { #shape, ::core::primitive::u32 },
    }
}

/// A shape in documentation: `[64, 64, 3]`, with its element unless that is `f32`.
pub(super) fn shape_text(shape: &[usize], element: Element) -> String {
    match element {
        Element::F32 => format!("`{shape:?}`"),
        Element::U32 => format!("`u32{shape:?}`"),
    }
}
