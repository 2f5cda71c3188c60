//! The incarnations of one 4-tuple, in a ring: any of them is taken out in constant time, however many there are.

use super::slab::{NOWHERE, Place, Slab};

/// One incarnation's part of its ring. Each slot knows the incarnation before it; this is the rest.
#[derive(Clone, Copy, Debug)]
struct Link {
    /// Where the next incarnation is kept; of the newest, where the oldest is.
    after: Place,
    /// How many incarnations are kept. Only the newest one's number is kept up.
    kept: u32,
}

const ALONE: Link = Link { after: NOWHERE, kept: 1 };

/// The rings of all 4-tuples that were used more than once.
#[derive(Debug, Default)]
pub struct Chains {
    /// By place, up to the last one that was ever in a ring: most 4-tuples are used once and need none.
    links: Vec<Link>,
}

impl Chains {
    fn link(&self, place: Place) -> Link {
        self.links.get(place as usize).copied().unwrap_or(ALONE)
    }

    fn link_mut(&mut self, place: Place) -> &mut Link {
        let index = place as usize;
        if self.links.len() <= index {
            self.links.resize(index + 1, ALONE);
        }
        &mut self.links[index]
    }

    /// How many incarnations are kept of the 4-tuple whose newest one is at `newest`.
    #[must_use]
    pub fn kept(&self, slab: &Slab, newest: Place) -> u32 {
        if before(slab, newest) == NOWHERE { 1 } else { self.link(newest).kept }
    }

    /// Where the oldest incarnation is kept of the 4-tuple whose newest one is at `newest`.
    #[must_use]
    pub fn oldest(&self, slab: &Slab, newest: Place) -> Place {
        if before(slab, newest) == NOWHERE { newest } else { self.link(newest).after }
    }

    /// Adds a newest incarnation at `new`. The slot there names `old` as the one before it.
    pub fn add(&mut self, slab: &Slab, old: Place, new: Place) {
        let (oldest, kept) = (self.oldest(slab, old), self.kept(slab, old));
        *self.link_mut(new) = Link { after: oldest, kept: kept + 1 };
        self.link_mut(old).after = new;
    }

    /// Takes over the rings of a table whose connections are now kept `offset` places further on, after all those here.
    pub fn absorb(&mut self, other: Self, offset: Place) {
        if other.links.is_empty() {
            return;
        }
        self.links.resize(offset as usize, ALONE);
        let moved = |after| if after == NOWHERE { NOWHERE } else { after + offset };
        self.links.extend(other.links.into_iter().map(|link| Link { after: moved(link.after), ..link }));
    }

    /// Takes out the newest incarnation, which is at `newest`.
    pub fn remove_newest(&mut self, slab: &Slab, newest: Place) {
        let next = before(slab, newest);
        if next != NOWHERE {
            let Link { after, kept } = self.link(newest);
            *self.link_mut(next) = Link { after, kept: kept.saturating_sub(1) };
        }
    }

    /// Takes out an incarnation at `place` that is not the newest one, which is at `newest`.
    pub fn remove_older(&mut self, slab: &mut Slab, newest: Place, place: Place) {
        let (older, newer) = (before(slab, place), self.link(place).after);
        if let Some(slot) = slab.get_mut(newer) {
            slot.before = older;
        }
        // After the oldest comes the newest: it knows which is the oldest now.
        let behind = if older == NOWHERE { newest } else { older };
        self.link_mut(behind).after = newer;
        let link = self.link_mut(newest);
        link.kept = link.kept.saturating_sub(1);
    }
}

fn before(slab: &Slab, place: Place) -> Place {
    slab.get(place).map_or(NOWHERE, |slot| slot.before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::slab::Slot;
    use crate::testing::Random;

    fn slot(id: u64, before: Place) -> Slot {
        Slot { id, before, ..Slot::default() }
    }

    #[test]
    fn a_ring_holds_what_a_list_would() {
        for run in 1..60 {
            let mut random = Random::of_run(run);
            let (mut slab, mut chains) = (Slab::default(), Chains::default());
            // Oldest first. Other slots lie between, so that places are no order.
            let mut list: Vec<Place> = Vec::new();
            for id in 1..400 {
                if random.one_in(3) {
                    slab.insert(slot(1000 + id, NOWHERE));
                }
                if list.is_empty() || random.one_in(2) {
                    let old = list.last().copied().unwrap_or(NOWHERE);
                    let new = slab.insert(slot(id, old));
                    if old != NOWHERE {
                        chains.add(&slab, old, new);
                    }
                    list.push(new);
                } else {
                    let at = random.below(list.len());
                    let place = list.remove(at);
                    match list.last().copied().filter(|_| at < list.len()) {
                        Some(newest) => chains.remove_older(&mut slab, newest, place),
                        None => chains.remove_newest(&slab, place),
                    }
                    slab.discard(place);
                }
                let Some(newest) = list.last().copied() else { continue };
                assert_eq!(chains.kept(&slab, newest) as usize, list.len());
                assert_eq!(chains.oldest(&slab, newest), list[0]);
                let backward = std::iter::successors(Some(newest), |at| Some(before(&slab, *at)));
                let told: Vec<Place> = backward.take_while(|at| *at != NOWHERE).collect();
                assert_eq!(told, list.iter().rev().copied().collect::<Vec<_>>());
            }
        }
    }
}
