using System.Text.Json.Serialization;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Security;

/// <summary>Somebody who has, or had, a key, or was disabled.</summary>
internal sealed record PrincipalJson(
    [property: JsonPropertyName("principal")] string Principal,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("disabled_at")] DateTimeOffset? DisabledAt,
    [property: JsonPropertyName("unreadable"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Unreadable)
{
    public static PrincipalJson From(AccessPrincipal principal) => new(principal.Id, principal.Kind, principal.Roles, principal.DisabledAt, principal.HasUnreadableRoles ? UnreadableRow.Say("principals", principal.Id, "roles") : null);
}
