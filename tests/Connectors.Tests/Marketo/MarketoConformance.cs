using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Marketo;

public sealed class MarketoConformance() : ConnectorConformance("marketo", new VendorWords("firstName", Topic: "hubNewsletter", Behavior: "hubBehavior")
{
    Properties = [new Field("name", FieldValue.Of("seen"))],
})
{
    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["folder_id"] = "1001" };

    protected override IReadOnlyDictionary<string, (string One, string Other)> SettingChanges { get; } = new Dictionary<string, (string One, string Other)>
    {
        ["folder_id"] = ("1001", "1002"),
        ["folder_type"] = ("Folder", "Program"),
        ["partition_name"] = ("Default", "Europe"),
        ["event_id_attribute"] = ("hubEventId", "hubOther"),
        ["calls_per_day"] = ("50000", "60000"),
        ["import_from"] = ("1000", "2000"),
        ["extract_from"] = ("1000", "2000"),
    };
}
