//! The table of the layers as a constant.

use proc_macro2::TokenStream;

use super::names::{number, numbers};
use crate::plan::{Connection, Inner, Plan, Row, Table, Use};

/// The `NetworkInfo` of a network.
pub(super) fn expand_info(plan: &Plan<'_>, all: &[Plan<'_>]) -> TokenStream {
    expand_table(&plan.table, all, plan.inference.floats * size_of::<f32>(), plan.training.floats * size_of::<f32>())
}

fn expand_table(table: &Table, all: &[Plan<'_>], inference_bytes: usize, training_bytes: usize) -> TokenStream {
    let Table { name, rows, outputs, parameters, multiply_adds } = table;
    let rows = rows.iter().map(|row| expand_row(row, all));
    let outputs = outputs.iter().map(|(name, connection)| {
        let from = expand_connection(connection);
        code! { ::net_runtime::OutputInfo { name: #name, from: #from } }
    });
    let parameters = number(*parameters);
    let multiply_adds = proc_macro2::Literal::u64_unsuffixed(*multiply_adds);
    let (inference_bytes, training_bytes) = (number(inference_bytes), number(training_bytes));
    code! {
        ::net_runtime::NetworkInfo {
            name: #name,
            rows: &[#(#rows),*],
            outputs: &[#(#outputs),*],
            parameters: #parameters,
            multiply_adds: #multiply_adds,
            inference_bytes: #inference_bytes,
            training_bytes: #training_bytes,
        }
    }
}

fn expand_row(row: &Row, all: &[Plan<'_>]) -> TokenStream {
    let Row { name, kind, arguments, activation, parameters, uses, inner } = row;
    let parameters = number(*parameters);
    let uses = uses.iter().map(expand_use);
    let inner = match inner {
        Inner::Nothing => code! { ::core::option::Option::None },
        Inner::Chain(table) => {
            // Its tensors lie among those of the network around it.
            let table = expand_table(table, all, 0, 0);
            code! { ::core::option::Option::Some(&#table) }
        }
        Inner::Network(id) => {
            let network = &all[id.0].network.name;
            code! { ::core::option::Option::Some(<#network as ::net_runtime::Network>::INFO) }
        }
    };
    code! {
        ::net_runtime::RowInfo {
            name: #name,
            kind: #kind,
            arguments: #arguments,
            activation: #activation,
            parameters: #parameters,
            uses: &[#(#uses),*],
            inner: #inner,
        }
    }
}

fn expand_use(of: &Use) -> TokenStream {
    let Use { outputs, connected_to } = of;
    let outputs = outputs.iter().map(|shape| {
        let axes = numbers(shape);
        code! { &[#(#axes),*] }
    });
    let connected_to = connected_to.iter().map(expand_connection);
    code! {
        ::net_runtime::UseInfo { outputs: &[#(#outputs),*], connected_to: &[#(#connected_to),*] }
    }
}

fn expand_connection(connection: &Connection) -> TokenStream {
    let Connection { row, use_index, tensor } = *connection;
    let (row, use_index, tensor) = (number(row), number(use_index), number(tensor));
    code! { ::net_runtime::Connection { row: #row, use_index: #use_index, tensor: #tensor } }
}
