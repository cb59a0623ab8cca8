use super::*;

fn json(yaml: &str) -> Option<String> {
    convert(yaml, Dialect::Template)
        .ok()
        .flatten()
        .map(|it| it.json)
}

#[test]
fn yaml_becomes_the_json_that_it_means() {
    let yaml =
        "a: 1\nb: [x, 'y', \"z\", 012, 2012-10-17, true, ~]\nc:\n  - d: |\n      t\n  - {e: f}\n";
    assert_eq!(
        json(yaml).as_deref(),
        Some(
            r#"{"a":1,"b":["x","y","z","012","2012-10-17",true,null],"c":[{"d":"t\n"},{"e":"f"}]}"#
        )
    );
}

#[test]
fn a_key_is_a_text_whatever_it_looks_like() {
    let yaml = "123456789012: a\ntrue: b\nnull: {1: c}\n~: d\n";
    assert_eq!(
        json(yaml).as_deref(),
        Some(r#"{"123456789012":"a","true":"b","null":{"1":"c"},"~":"d"}"#)
    );
}

#[test]
fn short_forms_become_long_ones() {
    let yaml = "a: !Sub 'x${y}'\nb: !GetAtt p.Arn.z\nc: !Join ['', [!Ref q, b]]\nd: !If [e, {f: !Ref g}, h]\n";
    assert_eq!(
        json(yaml).as_deref(),
        Some(
            r#"{"a":{"Fn::Sub":"x${y}"},"b":{"Fn::GetAtt":["p","Arn.z"]},"c":{"Fn::Join":["",[{"Ref":"q"},"b"]]},"d":{"Fn::If":["e",{"f":{"Ref":"g"}},"h"]}}"#
        )
    );
}

#[test]
fn every_byte_remembers_where_it_came_from() {
    let yaml = "ä: ö\nkey:\n  - value\n";
    let converted = convert(yaml, Dialect::Template).unwrap().unwrap();
    assert_eq!(converted.from.len(), converted.json.len() + 1);
    for word in ["ä", "ö", "key", "value"] {
        let at = converted.json.find(&format!("\"{word}\"")).unwrap();
        assert_eq!(Some(converted.from[at]), yaml.find(word), "{word}");
    }
}

#[test]
fn what_is_no_mapping_is_nothing_and_what_is_broken_an_error() {
    for yaml in ["", "text", "- a\n- b\n", "# just a comment\n"] {
        assert_eq!(json(yaml), None, "{yaml}");
        assert!(convert(yaml, Dialect::Template).is_ok(), "{yaml}");
    }
    for yaml in [
        "a: &x 1\nb: *x\n",
        "a: 1\n---\nb: 2\n",
        "? [a]\n: b\n",
        "a: [b\n",
        "a: 1\n b: 2\n",
    ] {
        assert!(convert(yaml, Dialect::Template).is_err(), "{yaml}");
    }
    let deep = format!("a: {}", "[".repeat(1000));
    assert!(convert(&deep, Dialect::Template).is_err());
}

fn workflow(yaml: &str) -> Result<String, String> {
    let converted = convert(yaml, Dialect::Workflow).map_err(|it| it.message)?;
    Ok(converted.unwrap().json)
}

#[test]
fn an_alias_in_a_workflow_is_what_it_stands_for_with_its_places() {
    let yaml = "a: &x {b: &y [1, !t u]}\nc: [*x, *y]\n";
    let wanted = r#"{"a":{"b":[1,"u"]},"c":[{"b":[1,"u"]},[1,"u"]]}"#;
    assert_eq!(workflow(yaml).as_deref(), Ok(wanted));
    let converted = convert(yaml, Dialect::Workflow).unwrap().unwrap();
    assert_eq!(converted.from.len(), converted.json.len() + 1);
    let last = converted.json.rfind('1').unwrap();
    assert_eq!(yaml.as_bytes()[converted.from[last]], b'1');
}

#[test]
fn aliases_that_grow_or_turn_round_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let copies = format!("*a{},", level - 1).repeat(10);
        bomb = format!("{bomb}a{level}: &a{level} [{copies}]\n");
    }
    for (yaml, wanted) in [
        (&*bomb, "1 MiB"),
        ("a: &x [*x]\n", "what it stands for"),
        ("a: &x k\n*x : 1\n", "a key is a text"),
        ("a: &x {b: c}\nd:\n  <<: *x\n", "merge keys"),
    ] {
        let message = workflow(yaml).unwrap_err();
        assert!(message.contains(wanted), "{message}");
    }
}
