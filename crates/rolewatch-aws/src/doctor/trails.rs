//! Trails, and what they log: `CloudTrail`.

use aws_config::SdkConfig;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector};
use futures_util::future::join_all;
use rolewatch::doctor::{Field, Looked, Selector, Trail};

use super::{failed, in_time};

const LIST: &str = "cloudtrail:DescribeTrails";
const STATUS: &str = "cloudtrail:GetTrailStatus";
const SELECTORS: &str = "cloudtrail:GetEventSelectors";

pub(super) async fn trails(config: &SdkConfig) -> Looked<Vec<Trail>> {
    let client = Client::new(config);
    let answer = in_time(LIST, async {
        // Those of other regions that log in all of them are shown too, and those of the organisation.
        let call = client.describe_trails().include_shadow_trails(true);
        call.send().await.map_err(failed(LIST))
    });
    let trails = answer.await?.trail_list.unwrap_or_default();
    let looks = trails.into_iter().map(async |it| {
        let arn = it.trail_arn.clone().unwrap_or_default();
        let (is_logging, selectors) = tokio::join!(
            in_time(STATUS, is_logging(&client, &arn)),
            in_time(SELECTORS, selectors(&client, &arn)),
        );
        Trail {
            name: it.name.unwrap_or(arn),
            home: it.home_region.unwrap_or_default(),
            is_everywhere: it.is_multi_region_trail.unwrap_or(false),
            is_logging,
            selectors,
        }
    });
    Ok(join_all(looks).await)
}

async fn is_logging(client: &Client, arn: &str) -> Looked<bool> {
    let answer = client.get_trail_status().name(arn).send().await;
    Ok(answer.map_err(failed(STATUS))?.is_logging.unwrap_or(false))
}

async fn selectors(client: &Client, arn: &str) -> Looked<Vec<Selector>> {
    let answer = client.get_event_selectors().trail_name(arn).send().await;
    let answer = answer.map_err(failed(SELECTORS))?;
    let basic = answer.event_selectors.unwrap_or_default();
    let advanced = answer.advanced_event_selectors.unwrap_or_default();
    Ok(basic
        .into_iter()
        .map(of_basic)
        .chain(advanced.into_iter().map(of_advanced))
        .collect())
}

fn of_basic(selector: EventSelector) -> Selector {
    Selector::Basic {
        // What is not said is logged.
        management: selector.include_management_events.unwrap_or(true),
        kind: selector
            .read_write_type
            .map_or_else(|| "All".to_owned(), |it| it.as_str().to_owned()),
    }
}

fn of_advanced(selector: AdvancedEventSelector) -> Selector {
    Selector::Advanced(selector.field_selectors.into_iter().map(of_field).collect())
}

fn of_field(field: AdvancedFieldSelector) -> Field {
    let others = [
        field.starts_with,
        field.ends_with,
        field.not_starts_with,
        field.not_ends_with,
    ];
    Field {
        name: field.field,
        equals: field.equals.unwrap_or_default(),
        not_equals: field.not_equals.unwrap_or_default(),
        other: others
            .into_iter()
            .flatten()
            .any(|values| !values.is_empty()),
    }
}
