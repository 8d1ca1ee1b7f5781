using Connectors.Tests.Conformance;

namespace Connectors.Tests.HubSpot;

public sealed class When_the_hubspot_connector_is_held_to_the_contract()
    : ConnectorConformance("hubspot", new VendorWords("firstname", Topic: "39644612", Behavior: "pe62515_purchase"))
{
    protected override IReadOnlyDictionary<string, (string One, string Other)> SettingChanges { get; } = new Dictionary<string, (string One, string Other)>
    {
        ["membership_batch_size"] = ("1000", "1"),
        ["portal_id"] = ("62515", "62516"),
        ["account_time_zone"] = ("US/Eastern", "Asia/Tokyo"),
        ["consent_calls"] = ("batch", "single"),
        ["legal_basis"] = ("CONSENT_WITH_NOTICE", "LEGITIMATE_INTEREST_CLIENT"),
    };
}
