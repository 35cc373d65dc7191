//! The constants of a block, and the proof of those that are announced.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::names::number;
use crate::graph::{AnnouncedConstant, Constant};

/// `const NAME: usize = dim;`
pub(super) fn expand_constant(constant: &Constant) -> TokenStream {
    let Constant { attributes, name, value } = constant;
    let value = number(*value);
    code! {
        #(#attributes)*
        #[allow(dead_code)]
        const #name: ::core::primitive::usize = #value;
    }
}

/// Compares an announced constant with the real one, while the user's crate is compiled. The panic stands on the number
/// that the user wrote.
pub(super) fn expand_announced(constant: &AnnouncedConstant) -> TokenStream {
    let AnnouncedConstant { path, value, span } = constant;
    let told = format!("`{}` is announced as {value}, but it is ", path.to_string().replace(' ', ""));
    let value = number(*value);
    let panic = quote_spanned! { *span =>
        ::core::panic!("{}", ::net_runtime::announced::Text::new().text(#told).number(REAL).as_str())
    };
    code! {
        const _: () = {
            const REAL: ::core::primitive::usize = #path;
            if REAL != #value {
                #panic
            }
        };
    }
}
