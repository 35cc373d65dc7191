//! Visits of a network's own parameters and gradients: generated code lists them, and these functions show them. A list of plain references
//! takes rustc a third less to check than one of tuples with names, and a loop here is compiled once, not for each network.

use crate::parameters::gradient::Gradient;
use crate::tensor::name::Name;
use crate::tensor::param::Param;

/// Shows each of these with its name.
pub fn show<'p, T>(names: &[&'static str], shown: &[&'p T], visitor: &mut dyn FnMut(Name<'_>, &'p T)) {
    for (name, shown) in names.iter().zip(shown) {
        visitor(Name::new(name), shown);
    }
}

/// Shows each of these for writing with its name.
pub fn show_mut<T>(names: &[&'static str], shown: &mut [&mut T], visitor: &mut dyn FnMut(Name<'_>, &mut T)) {
    for (name, shown) in names.iter().zip(shown) {
        visitor(Name::new(name), shown);
    }
}

/// Shows each of these parameters for writing, with its name and its gradient.
pub fn show_with_gradients(
    names: &[&'static str],
    params: &mut [&mut Param],
    gradients: &[&Gradient],
    visitor: &mut dyn FnMut(Name<'_>, &mut Param, &Gradient),
) {
    for ((name, param), gradient) in names.iter().zip(params).zip(gradients) {
        visitor(Name::new(name), param, gradient);
    }
}
