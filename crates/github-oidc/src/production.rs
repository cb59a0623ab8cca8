//! Which names speak of production: of environments, roles and jobs, which people choose.

/// Whether a name speaks of production, as `prod`, `prd` or `production` among its words.
#[must_use]
pub fn says_production(name: &str) -> bool {
    let words = words(name);
    let of = |word: &str| ["prod", "prd", "production"].contains(&word);
    let denied = |at: usize| at > 0 && ["non", "not", "no", "pre"].contains(&&*words[at - 1]);
    (0..words.len()).any(|at| of(&words[at]) && !denied(at))
}

/// The words of a name in lower case, whether they are divided by signs or by capitals.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || letter.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = letter.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_word() {
        for name in [
            "prod",
            "AWS_PROD_ROLE",
            "DeployRole-Production",
            "myProdRole",
            "a/prd",
        ] {
            assert!(says_production(name), "{name}");
        }
        for name in [
            "product-catalog",
            "non-prod",
            "preprod",
            "pre-production",
            "reproduction",
        ] {
            assert!(!says_production(name), "{name}");
        }
    }
}
