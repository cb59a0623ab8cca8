//! Which issuers a person could take for GitHub's.

/// Whether an issuer's host is, or ends in, the name of a GitHub Actions issuer:
/// `token.actions.githubusercontent.com` or `token.actions.<label>.ghe.com`.
///
/// Takes the issuer with or without its scheme and with any path, in any case. It is true of
/// GitHub's own issuers and of look-alikes such as `eviltoken.actions.githubusercontent.com`, so
/// it is a reason to look closer, never a reason to trust.
#[must_use]
pub fn resembles_github(issuer: &str) -> bool {
    let host = host(issuer);
    if strip_suffix(host, "token.actions.githubusercontent.com").is_some() {
        return true;
    }
    strip_suffix(host, ".ghe.com")
        .and_then(|rest| rest.rsplit_once('.'))
        .is_some_and(|(head, label)| {
            !label.is_empty() && strip_suffix(head, "token.actions").is_some()
        })
}

fn host(issuer: &str) -> &str {
    let rest = match issuer.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) => rest,
        _ => issuer,
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => host,
        None => authority,
    };
    let host = host.split(':').next().unwrap_or(host);
    host.strip_suffix('.').unwrap_or(host)
}

/// [`str::strip_suffix`], blind to the case of ASCII letters.
fn strip_suffix<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let start = text.len().checked_sub(suffix.len())?;
    let (head, tail) = text.split_at_checked(start)?;
    tail.eq_ignore_ascii_case(suffix).then_some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn githubs_names_and_what_ends_in_them_resemble() {
        for issuer in [
            "https://token.actions.githubusercontent.com",
            "token.actions.githubusercontent.com/acme/x",
            "TOKEN.Actions.GitHubUserContent.com",
            "eviltoken.actions.githubusercontent.com",
            "http://x.token.actions.githubusercontent.com:8443/y",
            "token.actions.githubusercontent.com.",
            "\u{e9}token.actions.githubusercontent.com",
            "user@token.actions.githubusercontent.com",
            "https://token.actions.acme.ghe.com",
            "EVILtoken.actions.acme.GHE.com/_services/token",
        ] {
            assert!(resembles_github(issuer), "{issuer}");
        }
    }

    #[test]
    fn other_hosts_do_not_whatever_their_path_says() {
        for issuer in [
            "",
            "https://",
            "oidc.eks.eu-west-1.amazonaws.com/id/0123",
            "https://app.terraform.io",
            "https://gitlab.com",
            "https://evil.example/token.actions.githubusercontent.com",
            "evil.example/://token.actions.githubusercontent.com",
            "https://token.actions.githubusercontent.com@evil.example",
            "token.actions.githubusercontent.com.evil.example",
            "actions.githubusercontent.com",
            "token.actions..ghe.com",
            "token.actions.ghe.com",
            "token.actions.a.b.ghe.com",
            "acme.ghe.com",
            "\u{2003}.ghe.com",
        ] {
            assert!(!resembles_github(issuer), "{issuer}");
        }
    }
}
