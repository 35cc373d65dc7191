use net_runtime::prelude::*;

network! {
    network Sums(x: [6, 8]) -> (a: [6, 4], b: [6, 4], c: [6, 4], d: [6, 4], e: [6, 4], f: [6, 4], g: [6, 4], h: [6, 4]) {
        let a = x -> EinsumDense("sf->sd", 4) -> EinsumDense("s1,1d->sd", 4) -> EinsumDense(4);
        let b = x -> EinsumDense("sff,fd->sd", 4) -> EinsumDense("...f,...d->fd", 4) -> EinsumDense("...f,fd->d", 4);
        let c = x -> EinsumDense("sf,fdz->sd", 4) -> EinsumDense("sf,sfd->sd", 4) -> EinsumDense("sf,fd->d", 4);
        let d = x -> EinsumDense("sf,fd->sdz", 4) -> EinsumDense("sf,sf->");
        let e = x -> EinsumDense("sf,fhd->shd", 4) -> EinsumDense("sf,f->s", 4) -> EinsumDense("sf,fd->sd");
        let f = x -> EinsumDense("sf,fd->sd", 4, bias_axes = "f");
        let g = x -> EinsumDense("abc,cd->abd", 4);
        let h = x -> EinsumDense(sf, 4) -> EinsumDense("sf,fd,d->sd", 4);
    }
}

fn main() {}
