namespace IntegrationHub.Storage.Paging;

/// <summary>What was given as the place where a page ended is none of that list.</summary>
public sealed class MalformedPlaceException() : Exception("This is no place in the list: give what the page before called next, or nothing to begin.");
