namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>A custom activity type, as an administrator makes and approves it.</summary>
/// <param name="Id">Id, from 100001.</param>
/// <param name="ApiName">API name.</param>
/// <param name="Primary">API name of the primary attribute.</param>
/// <param name="Secondary">API names of the other attributes, at most 20.</param>
/// <param name="IsApproved">False while it is a draft: nothing can be recorded of it.</param>
public sealed record MarketoActivityType(int Id, string ApiName, string Primary, IReadOnlyList<string> Secondary, bool IsApproved = true);
