using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Marketo;

public sealed class MarketoConformance() : ConnectorConformance("marketo", new VendorWords("firstName", Topic: "hubNewsletter", Behavior: "hubBehavior")
{
    Properties = [new Field("name", FieldValue.Of("seen"))],
})
{
    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["folder_id"] = "1001" };
}
