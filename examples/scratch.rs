mod common;
use common::{digits, picture::Picture, scenes::{Scene, SIDE}, stereo_pairs::{self, Pair}};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
fn main() -> Result<(), net_runtime::Error> {
    let (train, _) = digits::read(42)?;
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut picture = Picture::new(6 * 200, 3 * 200);
    for i in 0..18 {
        let s = Scene::draw(&train[i], &mut rng);
        let (l, t) = (i % 6 * 200 + 4, i / 6 * 200 + 4);
        picture.image(l, t, 3, SIDE, s.image.as_chunks::<3>().0.iter().copied());
        let [a, b, c, d] = s.location.map(|p| p * 192.0);
        picture.frame([l as f32 + a, t as f32 + b, c, d], 2.0, "#22c55e");
        picture.text(l as f32 + 4.0, t as f32 + 16.0, 14.0, "white", &s.class.to_string());
    }
    picture.save("scratch_scenes.png")?;
    let mut picture = Picture::new(3 * 330, 4 * 250);
    for i in 0..4 {
        let p = Pair::draw(&mut rng);
        let t = i * 250;
        picture.image(0, t, 2, stereo_pairs::WIDTH, p.left.as_chunks::<3>().0.iter().map(|c| c.map(|v| v * 0.5 + 0.5)));
        picture.image(330, t, 2, stereo_pairs::WIDTH, p.right.as_chunks::<3>().0.iter().map(|c| c.map(|v| v * 0.5 + 0.5)));
        picture.image(660, t, 2, stereo_pairs::WIDTH, p.distance.iter().map(|d| [(d - 1.0) / 2.0; 3]));
    }
    picture.save("scratch_stereo.png")
}
