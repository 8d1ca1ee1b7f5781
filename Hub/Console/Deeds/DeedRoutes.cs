using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>Forms of effect: a page that says what would come of a command, and the command itself once it is confirmed.</summary>
internal static class DeedRoutes
{
    private const int LargestForm = 64 * 1024;

    public static void MapDeeds(this IEndpointRouteBuilder routes)
    {
        foreach (var deed in Deed.All)
        {
            routes.MapGet($"/do/{deed.Name}", Show).WithMetadata(new ConsolePage(), deed).Needs(deed.Scope).ExcludeFromDescription();
            routes.MapPost($"/do/{deed.Name}", (HttpContext http, HubApi api) => DoAsync(deed, http, api)).WithMetadata(new ConsolePage(), new AnswersOnce(), deed).Needs(deed.Scope).ExcludeFromDescription();
        }
    }

    private static RazorComponentResult<EffectPage> Show() => new() { PreventStreamingRendering = true };

    /// <summary>Sends the command; where nothing was done the form comes back as it was filled, with what has moved.</summary>
    private static async Task<IResult> DoAsync(Deed deed, HttpContext http, HubApi api)
    {
        if (http.Request.ContentLength is not <= LargestForm || !http.Request.HasFormContentType)
        {
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        }

        if (await ReadAsync(http) is not { } form)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        var effect = await deed.DescribeAsync(new Ask(api, http));
        if (WhatIsWrong(http, form, effect) is { Problem: { } wrong } found)
        {
            return Again(http, form, wrong, StatusCodes.Status400BadRequest, found.Field);
        }

        var answer = await api.PostAsync<JsonNode>(http, effect.Path, BodyOf(form, effect), form["key"].ToString());
        if (answer.Problem is { } problem)
        {
            return Again(http, form, problem, answer.Status);
        }

        var place = (answer.Value is { } began ? effect.LeadsTo?.Invoke(began) : null) ?? effect.Back;
        return Results.Redirect($"{place}{(place.Contains('?', StringComparison.Ordinal) ? '&' : '?')}done={deed.Name}");
    }

    private static async Task<IFormCollection?> ReadAsync(HttpContext http)
    {
        try
        {
            return await http.Request.ReadFormAsync(http.RequestAborted);
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static (string? Problem, string? Field) WhatIsWrong(HttpContext http, IFormCollection form, Effect effect) => effect switch
    {
        _ when !FormToken.IsGood(http, form) => ("The form is older than this browser's visit, so nothing was done. Look at it again, and confirm once more.", null),
        { Impossible: { } impossible } => (impossible, null),
        _ when Seen(form) is null => ("What this form had shown cannot be read, so nothing was done. Look at it again, and confirm once more.", null),
        { NeedsReason: true } when string.IsNullOrWhiteSpace(form["reason"]) => ("Say why: it stays in the audit log.", "reason"),
        { Typed: { } number } when form["typed"].ToString().Replace(",", "", StringComparison.Ordinal).Trim() != number.ToString(CultureInfo.InvariantCulture) => ($"Type the number {Numbers.Whole(number)}, so that it is certain what is meant.", "typed"),
        _ => (null, null),
    };

    private static JsonObject? Seen(IFormCollection form)
    {
        try
        {
            return form["seen"].ToString() is { Length: > 0 } seen ? JsonNode.Parse(seen, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject : [];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject BodyOf(IFormCollection form, Effect effect)
    {
        var body = Seen(form)!;
        if (form["reason"].ToString().Trim() is { Length: > 0 } reason)
        {
            body["reason"] = reason;
        }

        foreach (var field in effect.Fields)
        {
            var value = form[field.Name].ToString().Trim();
            if (field.Kind == "check")
            {
                body[field.Name] = value.Length > 0;
            }
            else if (value.Length > 0)
            {
                body[field.Name] = field.Kind switch
                {
                    "number" when long.TryParse(value, CultureInfo.InvariantCulture, out var number) => number,
                    "list" => new JsonArray(value),
                    _ => value,
                };
            }
        }

        return body;
    }

    private static RazorComponentResult<EffectPage> Again(HttpContext http, IFormCollection form, string problem, int status, string? wrong = null)
    {
        http.Features.Set(new Draft(problem, form.Where(field => field.Key is not ("key" or "seen" or FormToken.Field)).ToDictionary(field => field.Key, field => field.Value.ToString(), StringComparer.Ordinal), wrong));
        return new() { StatusCode = status, PreventStreamingRendering = true };
    }
}
