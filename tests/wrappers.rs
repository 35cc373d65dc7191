//! Stages around stages compute what the same stages do that are written out.

use net_runtime::Element;
use net_runtime::prelude::*;
use tests_common::{batch, copy_weights, gradient_values};

network! {
    block doubled(x, const N) { (x -> Dense(N), x -> Dense(N)) -> Add }

    network Picture(x: [6, 5, 2]) -> (y: [5], large: [5]) {
        let seen = x -> Conv2d(3, 3) -> relu -> MaxPool2d(2) -> Conv2d(3, 1, name = again) -> tanh -> Flatten;
        let y = seen -> doubled(5) -> softmax;
        let large = y -> Greater(0.2);
        loss y: CategoricalCrossentropy;
    }

    /// The same for each of four pictures.
    network Film(x: [4, 6, 5, 2]) -> (y: [4, 5], large: [4, 5]) {
        let seen = x
            -> TimeDistributed(Conv2d(3, 3) -> relu -> MaxPool2d(2) -> Conv2d(3, 1, name = again) -> tanh -> Flatten);
        let y = seen -> TimeDistributed(doubled(5) -> softmax);
        let large = y -> TimeDistributed(Greater(0.2));
        loss y: CategoricalCrossentropy;
    }

    /// And for two films of two pictures each, by a network within a shared layer.
    network Films(x: [2, 2, 6, 5, 2]) -> (y: [2, 2, 5], large: [2, 2, 5]) {
        layer each = TimeDistributed(TimeDistributed(Picture));
        let (y, large) = x -> each;
        loss y: CategoricalCrossentropy;
    }

    network Words(text: u32[5]) -> (y: [4, 3]) {
        layer read = Embedding(7, 4) -> BatchNorm(momentum = 0.5) -> Lstm(3);
        let y = (text -> read, text -> read) -> Concat -> Reshape(2, 3) -> BatchNorm(name = last) -> Reshape(6) -> Dense(12)
            -> Reshape(4, 3);
        loss y: MeanSquaredError;
    }

    /// A layer that is shared within and outside, an operand of whole numbers, several operands, statistics.
    network Texts(texts: u32[3, 5]) -> (y: [3, 4, 3]) {
        layer read = Embedding(7, 4) -> BatchNorm(momentum = 0.5) -> Lstm(3);
        let first = texts -> TimeDistributed(read);
        let second = texts -> TimeDistributed(read);
        let y = (first, second) -> TimeDistributed(Concat -> Reshape(2, 3) -> BatchNorm(name = last) -> Reshape(6) -> Dense(12)
            -> Reshape(4, 3));
        loss y: MeanSquaredError;
    }
}

/// Outputs of training and inference, gradients of weights and inputs, for upstream gradients.
macro_rules! pass {
    ($net:expr, $inputs:expr, $workspace:ident, $gradients:ident, $upstream:expr) => {{
        let mut workspace = $workspace::new(1);
        let mut gradients = $gradients::zeros();
        let outputs = $net.predict($inputs)?.y.data().to_vec();
        $net.forward($inputs, Mode::Training, &mut workspace)?;
        let trained = workspace.outputs()?.y.data().to_vec();
        $net.backward($inputs, $upstream, &mut workspace, &mut gradients)?;
        let mut all = gradient_values(&gradients);
        all.extend([outputs, trained]);
        all
    }};
}

fn reshaped<A: Shape, B: Shape, T: Element>(batch: &Batch<A, T>) -> Batch<B, T> {
    Batch::from_vec(batch.data().to_vec()).expect("as many samples")
}

#[track_caller]
fn assert_near(found: &[Vec<f32>], expected: &[Vec<f32>]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-5 * expected.abs().max(1.0), "{found} {expected}");
        }
    }
}

#[test]
fn stages_are_applied_to_each_step() -> Result<(), Error> {
    let picture = Picture::new(5);
    let (mut film, mut films) = (Film::new(6), Films::new(7));
    copy_weights(&picture, &mut film);
    copy_weights(&picture, &mut films);
    assert_eq!(Film::PARAMETERS, Picture::PARAMETERS);
    assert_eq!(Films::MULTIPLY_ADDS, 4 * Picture::MULTIPLY_ADDS);
    let (x, dy, large) = (batch::<Shape3<6, 5, 2>>(12, 1), batch::<Shape1<5>>(12, 2), batch::<Shape1<5>>(12, 3));
    let upstream = PictureOutputGradients { y: Some(dy.view()), large: Some(large.view()) };
    let expected = pass!(picture, &x, PictureWorkspace, PictureGradients, upstream);
    let by_input = |mut workspace: PictureWorkspace| -> Result<Vec<f32>, Error> {
        picture.forward(&x, Mode::Training, &mut workspace)?;
        let upstream = PictureOutputGradients { y: Some(dy.view()), large: Some(large.view()) };
        Ok(picture.backward_inputs(&x, upstream, &mut workspace)?.x.data().to_vec())
    };
    let expected_by_input = by_input(PictureWorkspace::new(1))?;

    let (film_x, film_dy, film_large) = (reshaped(&x), reshaped(&dy), reshaped(&large));
    let film_upstream = || FilmOutputGradients { y: Some(film_dy.view()), large: Some(film_large.view()) };
    assert_near(&pass!(film, &film_x, FilmWorkspace, FilmGradients, film_upstream()), &expected);
    let mut workspace = FilmWorkspace::new(1);
    film.forward(&film_x, Mode::Training, &mut workspace)?;
    let found = film.backward_inputs(&film_x, film_upstream(), &mut workspace)?.x.data().to_vec();
    assert_near(&[found], &[expected_by_input]);

    let (films_x, films_dy, films_large) = (reshaped(&x), reshaped(&dy), reshaped(&large));
    let films_upstream = FilmsOutputGradients { y: Some(films_dy.view()), large: Some(films_large.view()) };
    assert_near(&pass!(films, &films_x, FilmsWorkspace, FilmsGradients, films_upstream), &expected);
    Ok(())
}

#[test]
fn statistics_are_those_of_all_steps() -> Result<(), Error> {
    let words = Words::new(5);
    let mut texts = Texts::new(6);
    copy_weights(&words, &mut texts);
    let text: Batch<Shape1<5>, u32> = Batch::from_vec((0..60).map(|index| index * index % 7).collect())?;
    let dy = batch::<Shape2<4, 3>>(12, 2);
    let upstream = WordsOutputGradients { y: Some(dy.view()) };
    let expected = pass!(words, &text, WordsWorkspace, WordsGradients, upstream);
    let (texts_x, texts_dy) = (reshaped(&text), reshaped(&dy));
    let upstream = TextsOutputGradients { y: Some(texts_dy.view()) };
    assert_near(&pass!(texts, &texts_x, TextsWorkspace, TextsGradients, upstream), &expected);
    Ok(())
}

#[test]
fn losses_at_the_end_are_computed_from_logits() -> Result<(), Error> {
    let picture = Picture::new(5);
    let mut film = Film::new(6);
    copy_weights(&picture, &mut film);
    let (x, y) = (batch::<Shape3<6, 5, 2>>(12, 1), tests_common::positive_batch::<Shape1<5>>(12, 2));
    let (film_x, film_y) = (reshaped(&x), reshaped(&y));
    let mut picture = Trainer::new(picture, Adam::new(1e-2));
    let mut film = Trainer::new(film, Adam::new(1e-2));
    for _ in 0..3 {
        picture.step(&PictureSamples { x: x.clone(), y: y.clone() })?;
        film.step(&FilmSamples { x: film_x.clone(), y: film_y.clone() })?;
    }
    assert_near(&[tests_common::weights(film.network())], &[tests_common::weights(picture.network())]);
    Ok(())
}

#[test]
fn rows_say_what_is_applied_to_each_step() {
    let summary = Film::summary().to_string();
    for part in ["TimeDistributed(Conv2d)", "(None, 4, 2, 1, 3)", "seen_conv2d"] {
        assert!(summary.contains(part), "{part}\n{summary}");
    }
}
