using System.Text.Json.Serialization;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>Serialization of the small answers.</summary>
[JsonSerializable(typeof(ListAnswer))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(AccountDetails))]
[JsonSerializable(typeof(PropertyList))]
[JsonSerializable(typeof(EventDefinitionPage))]
[JsonSerializable(typeof(MergedContact))]
internal sealed partial class HubSpotJson : JsonSerializerContext;
