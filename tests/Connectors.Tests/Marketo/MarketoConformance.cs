using Connectors.Tests.Conformance;

namespace Connectors.Tests.Marketo;

public sealed class MarketoConformance() : ConnectorConformance("marketo", "firstName")
{
    protected override IReadOnlyDictionary<string, string> Settings { get; } = new Dictionary<string, string> { ["folder_id"] = "1001" };
}
