using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>The OAuth token endpoint: a refresh token gives an access token for half an hour. HubSpot does not count its calls.</summary>
internal sealed class HubSpotTokens(HubSpotAccess access, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    private int _given;

    public string? RefreshToken { get; set; } = "sandbox-hubspot-refresh-token";

    public ValueTask Serve(SandboxCall call)
    {
        using var reader = new StreamReader(new MemoryStream(call.Body.ToArray()));
        var form = new FormReader(reader.ReadToEnd()).ReadForm();
        if (RefreshToken is null || form.GetValueOrDefault("grant_type") != "refresh_token" || form.GetValueOrDefault("refresh_token") != RefreshToken)
        {
            call.Status = 400;
            var refusal = call.WriteJson();
            refusal.WriteStartObject();
            refusal.WriteString("status"u8, "BAD_REFRESH_TOKEN"u8);
            refusal.WriteString("message"u8, "missing or invalid refresh token"u8);
            refusal.WriteEndObject();
            return ValueTask.CompletedTask;
        }

        var token = $"sandbox-hubspot-oauth-{Interlocked.Increment(ref _given)}";
        access.Tokens[token] = access.Tokens[HubSpotAccess.AccessToken];
        access.Ends[token] = time.GetUtcNow() + Life;
        Write(call.WriteJson(), token);
        return ValueTask.CompletedTask;
    }

    private void Write(Utf8JsonWriter json, string token)
    {
        json.WriteStartObject();
        json.WriteString("access_token"u8, token);
        json.WriteString("refresh_token"u8, RefreshToken);
        json.WriteNumber("expires_in"u8, (int)Life.TotalSeconds);
        json.WriteString("token_type"u8, "bearer"u8);
        json.WriteString("token_use"u8, "access_token"u8);
        json.WriteNumber("hub_id"u8, HubSpotAnswers.PortalId);
        json.WriteNumber("user_id"u8, 1);
        json.WriteStartArray("scopes"u8);
        foreach (var scope in access.Tokens[token])
        {
            json.WriteStringValue(scope);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
