//! Functions that all optimizers have in the same form.

/// Functions by which an optimizer is configured: each sets the field of its name.
macro_rules! setters {
    ($($(#[$doc:meta])* $field:ident: $kind:ty,)+) => {$(
        $(#[$doc])*
        pub fn $field(mut self, $field: $kind) -> Self {
            self.$field = $field;
            self
        }
    )+};
}

/// The functions of [`Optimizer`](super::Optimizer) by which its settings are found, where these are a field.
macro_rules! settings_field {
    () => {
        fn settings(&self) -> &Settings {
            &self.settings
        }

        fn settings_mut(&mut self) -> &mut Settings {
            &mut self.settings
        }
    };
}

pub(super) use {setters, settings_field};
