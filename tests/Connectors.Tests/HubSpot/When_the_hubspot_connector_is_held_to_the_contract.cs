using Connectors.Tests.Conformance;

namespace Connectors.Tests.HubSpot;

public sealed class When_the_hubspot_connector_is_held_to_the_contract()
    : ConnectorConformance("hubspot", new VendorWords("firstname", Topic: "39644612", Behavior: "pe62515_purchase"));
