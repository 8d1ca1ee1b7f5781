using System.Globalization;
using IntegrationHub.Storage.Fields;

namespace IntegrationHub.Hub.Fields;

/// <summary>What became otherwise of a vendor's field, in words. Pure.</summary>
internal static class FieldWord
{
    /// <summary>All that became otherwise; null when nothing did, or nothing was known before.</summary>
    public static string? Of(FieldVersion version) => version.Was is { } was ? Joined([.. All(version.Shape, was)]) : null;

    /// <summary>What of it lets a mapping fail that writes the field; null when nothing does.</summary>
    public static string? Harm(FieldVersion version) => version.Was is { } was ? Joined([.. Harms(version.Shape, was)]) : null;

    /// <summary>True while what lets a mapping fail is seen by itself, whenever it came: the field is gone, dropped or cannot be written.</summary>
    public static bool StandsForItself(FieldShape shape) => shape.State != FieldState.There || shape.IsReadOnly;

    private static IEnumerable<string> All(FieldShape shape, FieldShape was) => Harms(shape, was).Concat(Others(shape, was));

    private static IEnumerable<string> Harms(FieldShape shape, FieldShape was)
    {
        if (shape.State == FieldState.Gone)
        {
            yield return "is gone";
            yield break;
        }

        if (shape.State == FieldState.Archived && was.State != FieldState.Archived)
        {
            yield return "is archived, what is written to it is dropped";
        }

        if (shape.IsReadOnly && !was.IsReadOnly)
        {
            yield return "cannot be written any more";
        }

        if (shape.Type != was.Type)
        {
            yield return $"was of type {was.Type} and is of type {shape.Type}";
        }

        if (shape.Length < (was.Length ?? int.MaxValue))
        {
            yield return was.Length is { } before
                ? string.Create(CultureInfo.InvariantCulture, $"took {before} characters and takes {shape.Length}")
                : string.Create(CultureInfo.InvariantCulture, $"takes {shape.Length} characters at most");
        }
    }

    private static IEnumerable<string> Others(FieldShape shape, FieldShape was)
    {
        if (shape.State == FieldState.There && was.State != FieldState.There)
        {
            yield return was.State == FieldState.Gone ? "is there again" : "is not archived any more";
        }

        if (!shape.IsReadOnly && was.IsReadOnly)
        {
            yield return "can be written";
        }

        if (was.Length is { } before && (shape.Length ?? int.MaxValue) > before)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"took {before} characters and takes {(shape.Length is { } now ? $"{now}" : "more")}");
        }
    }

    private static string? Joined(string[] words) => words.Length == 0 ? null : string.Join(", ", words);
}
