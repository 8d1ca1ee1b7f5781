using Connectors.Tests.Conformance;

namespace Connectors.Tests.Braze;

public sealed class When_the_braze_connector_is_held_to_the_contract() : ConnectorConformance("braze", "first_name");
