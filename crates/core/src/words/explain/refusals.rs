//! [`refusals!`](crate::refusals): declares an error type as a table with one row for each refusal.

/// Declares an error enum, or an error struct, as a table: one row for each refusal, with everything that people in the room need.
///
/// The macro generates the type itself, [`Explain`](crate::Explain), `Display`, `Error`, and `From` for each nested error.
///
/// * The head names the [`Class`](crate::Class) of all rows; `class(…)` in a row overrides it.
/// * A row is `Variant => CONTROL, what("English", "简体中文"), hint("English", "简体中文");` with the fields of the variant after its
///   name. The fields of a tuple variant also have names, because both texts can use them. Values follow the two texts as in
///   `format!`. `both name = value` inserts another [`Bilingual`](crate::Bilingual), each language into its own text; further
///   named values follow a semicolon.
/// * `what(expression)` and `hint(expression)` take a [`Bilingual`](crate::Bilingual): a text that several rows share, or one that
///   depends on a condition. `=> (expression)` and `class(expression)` do the same for the control and the class. In these
///   expressions, fields are references.
/// * `Variant from Type;` is a nested error, which explains itself.
///
/// There is no default. A row without a hint leaves that variant out of a `match`, so it does not compile:
///
/// ```compile_fail,E0004
/// keyferry_core::refusals! {
///     /// Why a sheet was refused.
///     #[derive(Debug)]
///     pub enum SheetError: Refused {
///         /// It has no words.
///         Empty => SHARE_WORDS, what("the sheet is empty", "纸上没有内容");
///         /// It belongs to another set.
///         OtherSet(number: u8) => SHARE_SET,
///             what("this is sheet {number} of another set", "这是另一组的第 {number} 张"),
///             hint("find the right sheet", "请找出正确的纸张");
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Examples
/// The same table with the hint:
///
/// ```
/// use keyferry_core::{Class, Control, Explain};
///
/// keyferry_core::refusals! {
///     /// Why a sheet was refused.
///     #[derive(Debug)]
///     pub enum SheetError: Refused {
///         /// It has no words.
///         Empty => SHARE_WORDS, what("the sheet is empty", "纸上没有内容"), hint("take another one", "请换一张");
///         /// It belongs to another set.
///         OtherSet(number: u8) => SHARE_SET,
///             what("this is sheet {number} of another set", "这是另一组的第 {number} 张"),
///             hint("find the right sheet", "请找出正确的纸张");
///     }
/// }
///
/// let error = SheetError::OtherSet(2);
/// assert_eq!((error.control(), error.class()), (Control::SHARE_SET, Class::Refused));
/// assert_eq!(error.to_string(), "this is sheet 2 of another set");
/// assert_eq!(SheetError::Empty.hint().zh, "请换一张");
/// ```
#[macro_export]
macro_rules! refusals {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident $(: $class:ident)? {
            $(
                $(#[$about:meta])*
                $variant:ident
                $( ( $($at:ident : $at_type:ty),+ $(,)? ) )?
                $( { $( $(#[$doc:meta])* $field:ident : $field_type:ty ),+ $(,)? } )?
                $( from $inner:ty )?
                $( => $control:tt $(, class $own:tt)? $(, what $what:tt)? $(, hint $hint:tt)? )?
                ;
            )+
        }
    ) => {
        $(#[$meta])*
        $vis enum $name {
            $(
                $(#[$about])*
                $variant
                $( ( $($at_type),+ ) )?
                $( { $( $(#[$doc])* $field : $field_type ),+ } )?
                $( ($inner) )?
            ),+
        }

        $crate::refusal_rows! {
            $name, [$($class)?],
            $( {
                [Self::$variant $( ($($at),+) )? $( { $($field),+ } )?]
                [$( from $variant $inner )?]
                $( [$control] [$( $own )?] [$( $what )?] [$( $hint )?] )?
            } )+
        }
    };
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident
        $( ( $($at_vis:vis $at:ident : $at_type:ty),+ ) )?
        $( { $( $(#[$doc:meta])* $field_vis:vis $field:ident : $field_type:ty ),+ $(,)? } )?
        : $class:ident => $control:tt $(, class $own:tt)?, what $what:tt, hint $hint:tt;
    ) => {
        $crate::refusals!(@struct
            [$(#[$meta])* $vis struct $name]
            $( ( $($at_vis $at_type),+ ); )?
            $( { $( $(#[$doc])* $field_vis $field : $field_type ),+ } )?
        );

        $crate::refusal_rows! {
            $name, [$class],
            { [Self $( ($($at),+) )? $( { $($field),+ } )?] [] [$control] [$( $own )?] [$what] [$hint] }
        }
    };
    (@struct [$($head:tt)+]) => { $($head)+; };
    (@struct [$($head:tt)+] $($fields:tt)+) => { $($head)+ $($fields)+ };
}

/// The four methods of [`refusals!`](crate::refusals).
#[doc(hidden)]
#[macro_export]
macro_rules! refusal_rows {
    // Each row has its pattern, the nested error if there is one, and otherwise control, class, what and hint.
    ($name:ident, $class:tt, $( {
        $pattern:tt [$( from $variant:ident $inner:ty )?]
        $( $control:tt $own:tt [$( $what:tt )?] [$( $hint:tt )?] )?
    } )+) => {
        #[allow(unused_variables)] // A row uses only the fields that its texts need.
        impl $crate::Explain for $name {
            fn control(&self) -> $crate::Control {
                match self { $(
                    $( Self::$variant(e) => <$inner as $crate::Explain>::control(e), )?
                    $( $crate::refusal_part!(@pattern $pattern) => $crate::refusal_part!(@control $control), )?
                )+ }
            }
            fn class(&self) -> $crate::Class {
                match self { $(
                    $( Self::$variant(e) => <$inner as $crate::Explain>::class(e), )?
                    $( $crate::refusal_part!(@pattern $pattern) => $crate::refusal_part!(@class $own $class), )?
                )+ }
            }
            fn what(&self) -> $crate::Bilingual {
                match self { $(
                    $( Self::$variant(e) => <$inner as $crate::Explain>::what(e), )?
                    $( $( $crate::refusal_part!(@pattern $pattern) => $crate::refusal_part!(@text $what), )? )?
                )+ }
            }
            fn hint(&self) -> $crate::Bilingual {
                match self { $(
                    $( Self::$variant(e) => <$inner as $crate::Explain>::hint(e), )?
                    $( $( $crate::refusal_part!(@pattern $pattern) => $crate::refusal_part!(@text $hint), )? )?
                )+ }
            }
        }

        $( $(
            impl From<$inner> for $name {
                fn from(e: $inner) -> Self {
                    Self::$variant(e)
                }
            }
        )? )+

        $crate::explained!($name);
    };
}

/// One cell of [`refusals!`](crate::refusals).
#[doc(hidden)]
#[macro_export]
macro_rules! refusal_part {
    (@pattern [$($pattern:tt)+]) => { $($pattern)+ };
    (@control [($control:expr)]) => { $control };
    (@control [$control:ident]) => { $crate::Control::$control };
    (@class [] [$class:ident]) => { $crate::Class::$class };
    (@class [($own:ident)] $class:tt) => { $crate::Class::$own };
    (@class [($own:expr)] $class:tt) => { $own };
    (@text ($en:literal, $zh:literal, both $($name:ident = $value:expr),+ $(; $($more:ident = $is:expr),+)?)) => {{
        $( let $name: $crate::Bilingual = $value; )+
        $crate::Bilingual {
            en: ::std::format!($en, $($name = $name.en),+ $(, $($more = $is),+)?),
            zh: ::std::format!($zh, $($name = $name.zh),+ $(, $($more = $is),+)?),
        }
    }};
    (@text ($en:literal, $zh:literal $(, $($arg:tt)*)?)) => { $crate::bi!($en, $zh $(, $($arg)*)?) };
    (@text ($text:expr)) => { $text };
}
