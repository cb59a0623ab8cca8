//! The names that a witness gives to what an outsider may choose.

use crate::policy::Policy;

/// Words for the outsider; the first that the policy does not contain is taken, so that a policy
/// cannot name it by chance.
const WORDS: [&str; 6] = ["evil", "mallory", "rogue", "intruder", "zq7x", "w9vk3"];

/// One outsider: his organisation, repository, branch and ids.
#[derive(Clone, Debug)]
pub(crate) struct Marker {
    pub(crate) word: &'static str,
}

impl Marker {
    pub(crate) fn for_policy(policy: &Policy) -> Self {
        let text = policy.text.to_ascii_lowercase();
        let free = WORDS.iter().find(|word| !text.contains(**word));
        Self {
            word: free.copied().unwrap_or("x0x0x0x0x0"),
        }
    }

    pub(crate) fn owner(&self) -> String {
        format!("{}-org", self.word)
    }

    pub(crate) fn repository(&self) -> String {
        format!("{}-repo", self.word)
    }

    pub(crate) fn branch(&self) -> String {
        format!("{}-branch", self.word)
    }

    pub(crate) fn environment(&self) -> String {
        format!("{}-environment", self.word)
    }

    pub(crate) fn tag(&self) -> String {
        format!("{}-tag", self.word)
    }

    /// An audience that somebody else's service asks for.
    pub(crate) fn audience(&self) -> String {
        format!("https://{}.example", self.word)
    }
}

/// Ids that no policy pins: GitHub's are below them for a long time.
pub(crate) const OWNER_ID: &str = "990000001";
pub(crate) const REPOSITORY_ID: &str = "990000002";
pub(crate) const ENTERPRISE_ID: &str = "990000003";
